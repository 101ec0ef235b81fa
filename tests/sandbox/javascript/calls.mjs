// Calls the sandbox with the unmodified AWS SDK for JavaScript v3 and prints what came back, one
// JSON object by step. Everything a client is told is in the environment: the credentials file
// with its profiles, the Region and the address.
import { Readable } from "node:stream";
import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import {
  GetFindingsCommand, GuardDutyClient, ListDetectorsCommand, ListFindingsCommand,
} from "@aws-sdk/client-guardduty";
import {
  CreateLoginProfileCommand, DeleteLoginProfileCommand, GetAccountSummaryCommand,
  GetLoginProfileCommand, IAMClient, ListMFADevicesCommand, ListGroupsCommand,
} from "@aws-sdk/client-iam";
import {
  DescribeAccountCommand, OrganizationsClient, paginateListAccounts,
} from "@aws-sdk/client-organizations";
import {
  DeleteBucketPolicyCommand, GetBucketPolicyCommand, GetObjectCommand, ListBucketsCommand,
  ListObjectsV2Command, PutBucketPolicyCommand, PutObjectCommand, S3Client,
} from "@aws-sdk/client-s3";
import {
  GetQueueAttributesCommand, GetQueueUrlCommand, ReceiveMessageCommand, SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { AssumeRootCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region } = process.env;
const PAYMENTS = "666666666666";
const BUCKET = "hinode-payments-exports";
const steps = {};

async function step(name, work) {
  try {
    steps[name] = { output: await work() };
  } catch (error) {
    const { name: code, message } = error;
    steps[name] = { code, message, status: error.$metadata?.httpStatusCode };
  }
}

const task = (name) => ({ arn: `arn:aws:iam::aws:policy/root-task/${name}` });
const sts = new STSClient({ profile: "management" });

async function rootSession(name, target = PAYMENTS) {
  const opened = await sts.send(
    new AssumeRootCommand({ TargetPrincipal: target, TaskPolicyArn: task(name) }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = opened.Credentials;
  const credentials = {
    accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken,
  };
  return { credentials, endpoint, region };
}

await step("identity", async () => (await sts.send(new GetCallerIdentityCommand({}))).Arn);
await step("wrongKey", () =>
  new STSClient({
    endpoint, region,
    credentials: { accessKeyId: "AKIANOBODYNOBODY0000", secretAccessKey: "nothing" },
  }).send(new GetCallerIdentityCommand({})));
await step("notATask", () =>
  sts.send(new AssumeRootCommand({
    TargetPrincipal: PAYMENTS, TaskPolicyArn: { arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" },
  })));
await step("managementAsTarget", () =>
  sts.send(new AssumeRootCommand({
    TargetPrincipal: "111111111111", TaskPolicyArn: task("IAMAuditRootUserCredentials"),
  })));

await step("audit", async () => {
  const iam = new IAMClient(await rootSession("IAMAuditRootUserCredentials", "444444444444"));
  const summary = await iam.send(new GetAccountSummaryCommand({}));
  const devices = await iam.send(new ListMFADevicesCommand({}));
  return { password: summary.SummaryMap.AccountPasswordPresent, mfa: devices.MFADevices.length };
});
await step("outsideTheTask", async () => {
  const iam = new IAMClient(await rootSession("IAMAuditRootUserCredentials"));
  return iam.send(new DeleteLoginProfileCommand({}));
});
await step("noLoginProfile", async () => {
  const iam = new IAMClient(await rootSession("IAMAuditRootUserCredentials"));
  return iam.send(new GetLoginProfileCommand({}));
});
await step("recovery", async () => {
  const iam = new IAMClient(await rootSession("IAMCreateRootUserPassword"));
  const made = await iam.send(new CreateLoginProfileCommand({}));
  return { reset: made.LoginProfile.PasswordResetRequired, date: made.LoginProfile.CreateDate };
});
await step("unimplemented", () =>
  new IAMClient({ profile: "management" }).send(new ListGroupsCommand({})));

await step("accounts", async () => {
  const client = new OrganizationsClient({ profile: "management" });
  const names = [];
  let pages = 0;
  for await (const page of paginateListAccounts({ client, pageSize: 5 }, {})) {
    names.push(...page.Accounts.map((account) => account.Name));
    pages += 1;
  }
  return { names, pages };
});
await step("unknownAccount", () =>
  new OrganizationsClient({ profile: "management" }).send(
    new DescribeAccountCommand({ AccountId: "000000000001" })));

const s3 = new S3Client({ profile: "payments-admin" });
await step("put", async () => {
  const body = Readable.from([Buffer.from("one "), Buffer.from("two")]);
  await s3.send(new PutObjectCommand({
    Bucket: BUCKET, Key: "a b/ü.txt", Body: body, ContentLength: 7, ChecksumAlgorithm: "CRC32",
  }));
  const got = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: "a b/ü.txt" }));
  return got.Body.transformToString();
});
await step("lock", async () => {
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{
      Effect: "Deny", Principal: "*", Action: "s3:*",
      Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
    }],
  });
  await s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
});
await step("locked", () => s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET })));
await step("unlock", async () => {
  const rescue = new S3Client(await rootSession("S3UnlockBucketPolicy"));
  const listed = await rescue.send(new ListBucketsCommand({ MaxBuckets: 10 }));
  const regions = Object.fromEntries(listed.Buckets.map((b) => [b.Name, b.BucketRegion]));
  await rescue.send(new GetBucketPolicyCommand({ Bucket: BUCKET }));
  await rescue.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
  const found = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return { region: regions[BUCKET], keys: found.Contents.map((entry) => entry.Key) };
});
await step("noPolicy", async () => {
  const rescue = new S3Client(await rootSession("S3UnlockBucketPolicy"));
  return rescue.send(new GetBucketPolicyCommand({ Bucket: BUCKET }));
});

const sqs = new SQSClient({ profile: "payments-admin" });
await step("queueLocked", () =>
  sqs.send(new ReceiveMessageCommand({ QueueUrl: `${endpoint}/${PAYMENTS}/payments-orders` })));
await step("queue", async () => {
  const rescue = new SQSClient(await rootSession("SQSUnlockQueuePolicy"));
  const { QueueUrl } = await rescue.send(new GetQueueUrlCommand({ QueueName: "payments-orders" }));
  const read = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy"] });
  const before = (await rescue.send(read)).Attributes.Policy;
  await rescue.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: "" } }));
  const got = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  return { locked: before.includes("DenyEverybody"), bodies: got.Messages.map((m) => m.Body) };
});
await step("noQueue", () => sqs.send(new GetQueueUrlCommand({ QueueName: "nobodys" })));

await step("findings", async () => {
  const guardduty = new GuardDutyClient({ profile: "management" });
  const { DetectorIds: [DetectorId] } = await guardduty.send(new ListDetectorsCommand({}));
  const { FindingIds } = await guardduty.send(new ListFindingsCommand({
    DetectorId,
    FindingCriteria: { Criterion: { accountId: { Equals: ["444444444444"] } } },
  }));
  const { Findings } = await guardduty.send(new GetFindingsCommand({ DetectorId, FindingIds }));
  return Findings.map((finding) => finding.Type);
});
await step("events", async () => {
  const cloudtrail = new CloudTrailClient({ profile: "management" });
  const { Events } = await cloudtrail.send(new LookupEventsCommand({
    LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: "AssumeRoot" }],
  }));
  return Events.map((e) => JSON.parse(e.CloudTrailEvent).requestParameters.targetPrincipal);
});

console.log(JSON.stringify(steps));
