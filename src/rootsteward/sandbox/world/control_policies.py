"""Policies of the organization: their documents, where they are attached, which types are on.

SCPs and RCPs authorize; the other types are merged into effective policies and authorize nothing
(rule card ORG-15).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rootsteward.domain.authorization import Level, NamedDocument
from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.domain.errors import OperatorError

SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"
TAG_POLICY = "TAG_POLICY"
OPT_OUT_POLICY = "AISERVICES_OPT_OUT_POLICY"
# SOURCE: Organizations quotas (rule card ORG-02); what a target inherits does not count.
MOST_ATTACHED = {SCP: 10, RCP: 5, OPT_OUT_POLICY: 5, "CHATBOT_POLICY": 5}
_MOST_ATTACHED_OF_OTHERS = 10


_FULL_ACCESS_SCP = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}"""


def most_attached(policy_type: str) -> int:
    """How many policies of a type a target may have."""
    return MOST_ATTACHED.get(policy_type, _MOST_ATTACHED_OF_OTHERS)


def _full_access(policy_type: str, name: str, description: str, content: str) -> ControlPolicy:
    return ControlPolicy(
        id=f"p-{name}",
        name=name,
        arn=f"arn:aws:organizations::aws:policy/{policy_type.lower()}/p-{name}",
        description=description,
        type=policy_type,
        aws_managed=True,
        content=content,
    )


# SOURCE: the organizations user guide, pages of the two policy types (rule card ORG-01).
FULL_ACCESS = {
    SCP: _full_access(
        SCP,
        "FullAWSAccess",
        "Allows access to every operation",
        # WHY with line breaks: it is shown as it is kept (recorded).
        _FULL_ACCESS_SCP,
    ),
    RCP: _full_access(
        RCP,
        "RCPFullAWSAccess",
        "Allows access to every resource",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*",'
        '"Resource":"*"}]}',
    ),
}


@dataclass(slots=True)
class PolicyStore:
    """Policies by id, the ids attached to each target, and the enabled types.

    INVARIANT: while SCPs or RCPs are enabled, every target of the organization has at least one
    of that type attached (rule card ORG-01); while a type is disabled, nothing of it is attached.
    """

    policies: dict[str, ControlPolicy] = field(
        default_factory=lambda: {policy.id: policy for policy in FULL_ACCESS.values()}
    )
    enabled_types: set[str] = field(default_factory=set)
    _attached: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    # INVARIANT: emptied by every change; a level is built again when somebody asks for it.
    _levels: dict[tuple[str, str], Level] = field(default_factory=dict, compare=False, repr=False)

    def of_type(self, policy_type: str) -> Iterator[ControlPolicy]:
        """The policies of a type; those of AWS only while the type is enabled."""
        for policy in self.policies.values():
            if policy.type == policy_type and (
                not policy.aws_managed or policy_type in self.enabled_types
            ):
                yield policy

    def put(self, policy: ControlPolicy) -> None:
        """Add a policy, or replace the one of the same id.

        Raises:
            OperatorError: when another policy of the type has that name.
        """
        if self.named(policy.type, policy.name) not in {None, policy.id}:
            raise OperatorError(f"there is a policy named `{policy.name}` of this type already")
        self.policies[policy.id] = policy
        self._levels.clear()

    def named(self, policy_type: str, name: str) -> str | None:
        """The id of the policy of a name, if there is one."""
        return next(
            (p.id for p in self.policies.values() if p.type == policy_type and p.name == name),
            None,
        )

    def update(self, policy_id: str, *, name: str, description: str, content: str) -> ControlPolicy:
        """Change a policy; it applies at once wherever it is attached."""
        updated = replace(
            self.policies[policy_id], name=name, description=description, content=content
        )
        self.put(updated)
        return updated

    def remove(self, policy_id: str) -> None:
        """Delete a policy.

        Raises:
            OperatorError: when it is attached somewhere.
        """
        if any(self.targets_of(policy_id)):
            raise OperatorError(f"policy `{policy_id}` is attached", help="detach it first")
        del self.policies[policy_id]
        self._levels.clear()

    def attached_to(self, target_id: str, policy_type: str) -> tuple[str, ...]:
        """Ids attached directly to a target, oldest first."""
        return self._attached.get(policy_type, {}).get(target_id, ())

    def targets_of(self, policy_id: str) -> Iterator[str]:
        """Ids of the targets a policy is attached to."""
        attached = self._attached.get(self.policies[policy_id].type, {})
        return (target for target, ids in attached.items() if policy_id in ids)

    def attach(self, policy_id: str, target_id: str) -> None:
        """Attach a policy.

        Raises:
            OperatorError: when its type is disabled or it is attached there already.
        """
        policy_type = self.policies[policy_id].type
        if policy_type not in self.enabled_types:
            raise OperatorError(f"policy type `{policy_type}` is not enabled")
        ids = self.attached_to(target_id, policy_type)
        if policy_id in ids:
            raise OperatorError(f"policy `{policy_id}` is attached to `{target_id}` already")
        self._attached.setdefault(policy_type, {})[target_id] = (*ids, policy_id)
        self._levels.clear()

    def attach_exactly(self, policy_type: str, attached: Mapping[str, tuple[str, ...]]) -> None:
        """Replace everything that is attached of an enabled type, by target.

        It is taken as it is: what AWS would let nobody attach or detach, too.
        """
        shared: dict[tuple[str, ...], tuple[str, ...]] = {}
        # WHY shared: fifty thousand targets have a few different sets among them.
        self._attached[policy_type] = {
            target_id: shared.setdefault(ids, ids) for target_id, ids in attached.items()
        }
        self._levels.clear()

    def detach(self, policy_id: str, target_id: str) -> None:
        """Detach a policy.

        Raises:
            OperatorError: when it is the last one of its type there, or not attached.
        """
        policy_type = self.policies[policy_id].type
        ids = self.attached_to(target_id, policy_type)
        if policy_id not in ids:
            raise OperatorError(f"policy `{policy_id}` is not attached to `{target_id}`")
        if len(ids) == 1 and policy_type in FULL_ACCESS:
            raise OperatorError(f"policy `{policy_id}` is the last one of `{target_id}`")
        self._attached[policy_type][target_id] = tuple(i for i in ids if i != policy_id)
        self._levels.clear()

    def enable(self, policy_type: str, targets: Iterable[str]) -> None:
        """Put a type in force: AWS's full-access policy is attached to every target."""
        self.enabled_types.add(policy_type)
        self._levels.clear()
        if policy_type in FULL_ACCESS:
            # WHY one tuple: fifty thousand targets share it.
            alone = (FULL_ACCESS[policy_type].id,)
            self._attached[policy_type] = dict.fromkeys(targets, alone)

    def disable(self, policy_type: str) -> None:
        """Take a type out of force: everything of it is detached."""
        self.enabled_types.discard(policy_type)
        self._attached.pop(policy_type, None)
        self._levels.clear()

    def welcome(self, target_id: str) -> None:
        """Attach the full-access policies in force to a target that is new."""
        for policy_type in FULL_ACCESS.keys() & self.enabled_types:
            self._attached[policy_type][target_id] = (FULL_ACCESS[policy_type].id,)
        self._levels.clear()

    def forget(self, target_id: str) -> None:
        """Detach everything from a target that is gone."""
        for attached in self._attached.values():
            attached.pop(target_id, None)
        self._levels.clear()

    def chain(self, policy_type: str, path: Sequence[str]) -> tuple[Level, ...] | None:
        """The levels in force along a path of ids, or None when the type is disabled."""
        if policy_type not in self.enabled_types:
            return None
        return tuple(self._level(policy_type, target_id) for target_id in path)

    def _level(self, policy_type: str, target_id: str) -> Level:
        level = self._levels.get((policy_type, target_id))
        if level is None:
            documents = (
                NamedDocument(policy_id, self.policies[policy_id].content)
                for policy_id in self.attached_to(target_id, policy_type)
            )
            level = self._levels[policy_type, target_id] = Level(target_id, tuple(documents))
        return level
