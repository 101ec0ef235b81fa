"""IAM inside a root session: the root user's credentials.

No call names a user: in a root session IAM then means the root user (rule card IAM-41), and
naming one would change the resource to a user that the task policy denies.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from rootsteward.aws.calls import in_session
from rootsteward.aws.pages import Page, every_page
from rootsteward.aws.service import Service, receipt_of
from rootsteward.domain.errors import NotFoundError
from rootsteward.domain.receipt import Receipt
from rootsteward.domain.root_credentials import (
    AccessKey,
    Basis,
    Holding,
    MfaDevice,
    Password,
    RootCredentials,
    Seen,
    SigningCertificate,
)
from rootsteward.domain.root_session import RootSession

if TYPE_CHECKING:
    from mypy_boto3_iam.client import IAMClient

T = TypeVar("T")


class IamService(Service):
    """`RootCredentialReader` and `RootCredentialWriter`."""

    def credential_summary(self, session: RootSession) -> RootCredentials:
        """The four bits of `iam:GetAccountSummary`."""
        call = in_session(session, "iam", "GetAccountSummary")
        client: IAMClient = self._door.client(call)
        bits = self._door.send(call, client.get_account_summary)["SummaryMap"]
        return RootCredentials(
            password=_bit(bits["AccountPasswordPresent"], Password),
            access_keys=_bit(bits["AccountAccessKeysPresent"], AccessKey),
            certificates=_bit(bits["AccountSigningCertificatesPresent"], SigningCertificate),
            mfa=_bit(bits["AccountMFAEnabled"], MfaDevice),
        )

    def password(self, session: RootSession) -> Password | None:
        """The root login profile, or None when there is none."""
        call = in_session(session, "iam", "GetLoginProfile")
        client: IAMClient = self._door.client(call)
        try:
            answer = self._door.send(call, client.get_login_profile)
        except NotFoundError:
            return None
        return Password(answer["LoginProfile"].get("CreateDate"))

    def password_last_used(self, session: RootSession, password: Password) -> Password:
        """The password with its `last_used_at` filled in; None when AWS saw no sign-in."""
        call = in_session(session, "iam", "GetUser")
        client: IAMClient = self._door.client(call)
        user = self._door.send(call, client.get_user)["User"]
        return Password(password.created_at, user.get("PasswordLastUsed"))

    def access_keys(self, session: RootSession) -> tuple[AccessKey, ...]:
        """Root access keys, without last use."""
        return tuple(
            AccessKey(
                id=key["AccessKeyId"],
                active=_active(key.get("Status")),
                created_at=key.get("CreateDate"),
            )
            for page in self._root_pages(session, "ListAccessKeys", "list_access_keys")
            for key in page["AccessKeyMetadata"]
        )

    def access_key_last_used(self, session: RootSession, key: AccessKey) -> AccessKey:
        """The key with its `last_used_*` filled in; they stay None when it was never used."""
        call = in_session(session, "iam", "GetAccessKeyLastUsed")
        client: IAMClient = self._door.client(call)
        answer = self._door.send(call, lambda: client.get_access_key_last_used(AccessKeyId=key.id))
        used = answer["AccessKeyLastUsed"]
        return AccessKey(
            id=key.id,
            active=key.active,
            created_at=key.created_at,
            last_used_at=used.get("LastUsedDate"),
            last_used_service=_known(used.get("ServiceName")),
            last_used_region=_known(used.get("Region")),
        )

    def signing_certificates(self, session: RootSession) -> tuple[SigningCertificate, ...]:
        """Root signing certificates."""
        return tuple(
            SigningCertificate(
                id=certificate["CertificateId"],
                active=_active(certificate.get("Status")),
                uploaded_at=certificate.get("UploadDate"),
            )
            for page in self._root_pages(
                session, "ListSigningCertificates", "list_signing_certificates"
            )
            for certificate in page["Certificates"]
        )

    def mfa_devices(self, session: RootSession) -> tuple[MfaDevice, ...]:
        """Root MFA devices."""
        return tuple(
            MfaDevice(serial=device["SerialNumber"], enabled_at=device.get("EnableDate"))
            for page in self._root_pages(session, "ListMFADevices", "list_mfa_devices")
            for device in page["MFADevices"]
        )

    def delete_password(self, session: RootSession) -> Receipt:
        """`iam:DeleteLoginProfile`."""
        call = in_session(session, "iam", "DeleteLoginProfile", changes=True)
        client: IAMClient = self._door.client(call)
        return receipt_of(self._door.send(call, client.delete_login_profile))

    def delete_access_key(self, session: RootSession, key_id: str) -> Receipt:
        """`iam:DeleteAccessKey`."""
        call = in_session(session, "iam", "DeleteAccessKey", changes=True)
        client: IAMClient = self._door.client(call)
        answer = self._door.send(call, lambda: client.delete_access_key(AccessKeyId=key_id))
        return receipt_of(answer)

    def delete_signing_certificate(self, session: RootSession, certificate_id: str) -> Receipt:
        """`iam:DeleteSigningCertificate`."""
        call = in_session(session, "iam", "DeleteSigningCertificate", changes=True)
        client: IAMClient = self._door.client(call)
        answer = self._door.send(
            call, lambda: client.delete_signing_certificate(CertificateId=certificate_id)
        )
        return receipt_of(answer)

    def deactivate_mfa_device(self, session: RootSession, serial: str) -> Receipt:
        """`iam:DeactivateMFADevice`."""
        call = in_session(session, "iam", "DeactivateMFADevice", changes=True)
        client: IAMClient = self._door.client(call)
        answer = self._door.send(call, lambda: client.deactivate_mfa_device(SerialNumber=serial))
        return receipt_of(answer)

    def create_password(self, session: RootSession) -> Receipt:
        """`iam:CreateLoginProfile` without name and password: allows recovery, sends no mail."""
        call = in_session(session, "iam", "CreateLoginProfile", changes=True)
        client: IAMClient = self._door.client(call)
        return receipt_of(self._door.send(call, client.create_login_profile))

    def _root_pages(self, session: RootSession, operation: str, method: str) -> Iterator[Page]:
        call = in_session(session, "iam", operation)
        client = self._door.client(call)
        return every_page(
            lambda more: self._door.send(call, lambda: getattr(client, method)(**more)),
            sent="Marker",
            got="Marker",
        )


def _bit(value: int, _kind: type[T]) -> Seen[Holding[T]]:
    # WHY: nobody has confirmed whether AWS ever sends more than 1 here; the domain says 0 or 1.
    return Seen(Holding(min(value, 1)), Basis.SUMMARY)


def _active(status: str | None) -> bool | None:
    return None if status is None else status == "Active"


def _known(text: str | None) -> str | None:
    """`N/A` is IAM's way to say that a key was never used."""
    return None if text in {None, "N/A"} else text
