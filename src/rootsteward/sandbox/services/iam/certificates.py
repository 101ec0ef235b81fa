"""X.509 signing certificates of root and IAM users."""

from typing import Any

from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.subjects import Subject, no_such_entity, user_operation
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.world.credentials import CertificateRecord
from rootsteward.sandbox.world.world import World


def _list(_world: World, call: Call, subject: Subject) -> Output:
    def show(certificate: CertificateRecord) -> dict[str, Any]:
        return {
            **subject.name_members,
            "CertificateId": certificate.id,
            "CertificateBody": certificate.body,
            "Status": "Active" if certificate.active else "Inactive",
            "UploadDate": certificate.uploaded_at,
        }

    return page("Certificates", tuple(subject.holdings.certificates.values()), call.params, show)


def _delete(_world: World, call: Call, subject: Subject) -> Output:
    certificate_id = call.params["CertificateId"]
    if subject.holdings.certificates.pop(certificate_id, None) is None:
        raise no_such_entity(f"The Certificate with id {certificate_id} cannot be found.")
    return {}


CERTIFICATE_OPERATIONS: Operations = {
    "ListSigningCertificates": user_operation("ListSigningCertificates", _list),
    "DeleteSigningCertificate": user_operation("DeleteSigningCertificate", _delete),
}
