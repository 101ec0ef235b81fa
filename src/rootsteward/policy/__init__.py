"""The policy engine: parse, evaluate, explain, repair and prove. The first voice."""
