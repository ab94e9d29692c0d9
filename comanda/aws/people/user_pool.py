"""
Create, list, sign out and delete the users of the Cognito pool by which people sign in.

The pool alone keeps a person's e-mail address. A user's name in the pool is the person's id (`sub`), which the pool makes.

Called by   functions/people
Raises      Invalid for an address that the pool refuses; NotFound for a user that the pool does not have
"""

from dataclasses import dataclass
from typing import Any

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Invalid, NotFound, Problem

_MOST = 60  # users that Cognito lists at once
_INVITED = "FORCE_CHANGE_PASSWORD"  # Cognito's status of a user who has not signed in yet


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user of the pool: the person's id and address, and whether the person has accepted the invitation."""

    sub: str
    email: str
    accepted: bool


def invite(email: str) -> str:
    """Return the id of the user with this address. A new user is made, and gets a mail with a password for one sign-in."""
    from botocore.exceptions import ClientError

    try:
        made = client("cognito-idp").admin_create_user(
            UserPoolId=settings.user_pool_id,
            Username=email,
            DesiredDeliveryMediums=["EMAIL"],
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        )
    except ClientError as error:
        match error.response["Error"]["Code"]:
            case "UsernameExistsException":
                return find(email).sub
            case "InvalidParameterException":
                message = "is an address that the user pool does not take"
                raise Invalid(Problem(pointer="/email", code="not-taken", message=message)) from error
        raise
    return _user(made["User"], "Attributes").sub


def invite_again(email: str) -> None:
    """Mail a new password for one sign-in to a person who has not signed in yet."""
    client("cognito-idp").admin_create_user(
        UserPoolId=settings.user_pool_id, Username=email, MessageAction="RESEND", DesiredDeliveryMediums=["EMAIL"]
    )


def find(name: str) -> User:
    """Return the user with this id or address. Raises NotFound."""
    from botocore.exceptions import ClientError

    try:
        found = client("cognito-idp").admin_get_user(UserPoolId=settings.user_pool_id, Username=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "UserNotFoundException":
            raise
        raise NotFound("person", "of this name") from error  # an address belongs into no message
    return _user(found, "UserAttributes")


def list_page(token: str, limit: int) -> tuple[list[User], str | None]:
    """Return one page of the pool's users, and the token of the next page."""
    following: dict[str, Any] = {"PaginationToken": token} if token else {}
    found = client("cognito-idp").list_users(UserPoolId=settings.user_pool_id, Limit=min(limit, _MOST), **following)
    return [_user(one, "Attributes") for one in found["Users"]], found.get("PaginationToken")


def sign_out(sub: str) -> None:
    """End all refresh tokens of a person. A user that is gone has none."""
    _unless_gone(client("cognito-idp").admin_user_global_sign_out, sub)


def delete(sub: str) -> None:
    """Delete the user with the address. The person signs in no more, and no refresh token is taken."""
    _unless_gone(client("cognito-idp").admin_delete_user, sub)


def _unless_gone(call: Any, sub: str) -> None:
    from botocore.exceptions import ClientError

    try:
        call(UserPoolId=settings.user_pool_id, Username=sub)
    except ClientError as error:
        if error.response["Error"]["Code"] != "UserNotFoundException":
            raise


def _user(found: dict[str, Any], attributes: str) -> User:
    values = {one["Name"]: one["Value"] for one in found[attributes]}
    return User(
        sub=values.get("sub") or found["Username"],
        email=values.get("email", ""),
        accepted=found["UserStatus"] != _INVITED,
    )
