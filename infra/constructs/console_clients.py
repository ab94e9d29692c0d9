"""
Make the app clients by which people sign in to the console, and publish them with the addresses of the console.

Called by   infra/gateway_stack.py: the way back from the sign-in page needs the API's address, which only its stack knows
"""

from aws_cdk import Duration
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from comanda.aws.api.routes import ADMIN, ROUTES, STAFF, WORKER
from infra import names
from infra.shared import Published

PEOPLE = {ADMIN, STAFF, WORKER}
# A person who signs in with the client `console-admin` may make and delete applications, too.
ADMINS_ONLY = ("clients/admin",)


class ConsoleClients(Construct):
    """Two confidential clients of the pool, for the authorization code flow only."""

    def __init__(self, scope: Construct, construct_id: str, published: Published, *, address: str) -> None:
        super().__init__(scope, construct_id)
        scopes = sorted({scope for route in ROUTES if PEOPLE.intersection(route.who) for scope in route.scopes})
        clients = (
            (names.CONSOLE_CLIENT, "console", [scope for scope in scopes if scope not in ADMINS_ONLY]),
            (names.CONSOLE_ADMIN_CLIENT, "console-admin", scopes),
        )
        for parameter, name, allowed in clients:
            client = self._client(published.pool, name, allowed, address)
            published.publish(parameter, client.user_pool_client_id)

    def _client(self, pool: cognito.IUserPool, name: str, scopes: list[str], address: str) -> cognito.UserPoolClient:
        return cognito.UserPoolClient(
            self,
            "".join(word.capitalize() for word in name.split("-")),
            user_pool=pool,
            user_pool_client_name=name,
            generate_secret=True,
            auth_flows=cognito.AuthFlow(user_srp=False),  # not even its own sign-in calls: only the hosted pages
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=Duration.minutes(15),
            id_token_validity=Duration.minutes(15),
            refresh_token_validity=Duration.hours(12),
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                # The first three give the console an id token with the person's name.
                scopes=[
                    cognito.OAuthScope.OPENID,
                    cognito.OAuthScope.EMAIL,
                    cognito.OAuthScope.PROFILE,
                    *(cognito.OAuthScope.custom(scope) for scope in scopes),
                ],
                callback_urls=[f"{address}/signed-in"],
                logout_urls=[f"{address}/signed-out"],
            ),
        )
