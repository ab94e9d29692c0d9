"""
Make the firewall before the API: AWS's common rules, its rules for bad inputs, and a limit for each address
that does not count the calls of rooms that serve pages.

Called by   infra/gateway_stack.py
"""

from aws_cdk import SecretValue
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.gateway_settings import LINKS_PER_ADDRESS

# The common rules' body limit of 8 KB would refuse an order of thirty lines; the doors have their own limits (1 MB).
COUNTED_ONLY = ("SizeRestrictions_BODY",)

LINKS = "/v1/s/"  # in the paths of customers' links


def _managed(name: str, priority: int, counted: tuple[str, ...] = ()) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=waf.CfnWebACL.StatementProperty(
            managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS",
                name=name,
                rule_action_overrides=[
                    waf.CfnWebACL.RuleActionOverrideProperty(
                        name=rule, action_to_use=waf.CfnWebACL.RuleActionProperty(count={})
                    )
                    for rule in counted
                ],
            )
        ),
        visibility_config=_visible(name),
    )


def _visible(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    # Sampled requests would keep the first bytes of orders, with names in them.
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )


def _without(header: str, secret_arn: str) -> waf.CfnWebACL.StatementProperty:
    """Return the statement that leaves out requests with the secret in the header."""
    secret = SecretValue.secrets_manager(
        secret_arn
    ).unsafe_unwrap()  # the template names the secret and does not hold it
    sent = waf.CfnWebACL.ByteMatchStatementProperty(
        field_to_match=waf.CfnWebACL.FieldToMatchProperty(single_header={"Name": header.lower()}),
        positional_constraint="EXACTLY",
        search_string=secret,
        text_transformations=[waf.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")],
    )
    return waf.CfnWebACL.StatementProperty(
        not_statement=waf.CfnWebACL.NotStatementProperty(
            statement=waf.CfnWebACL.StatementProperty(byte_match_statement=sent)
        )
    )


def _below(path: str) -> waf.CfnWebACL.StatementProperty:
    """Return the statement that only counts requests to this path."""
    return waf.CfnWebACL.StatementProperty(
        byte_match_statement=waf.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=waf.CfnWebACL.FieldToMatchProperty(uri_path={}),
            positional_constraint="CONTAINS",
            search_string=path,
            text_transformations=[waf.CfnWebACL.TextTransformationProperty(priority=0, type="URL_DECODE")],
        )
    )


class Firewall(Construct):
    """A regional web ACL, associated with one stage of the API.

    Rooms that call the API for their visitors send the secret in `header`. Their visitors share the rooms' few addresses, so
    the rooms count them, and the limit for each address does not.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        stage_arn: str,
        requests_per_address: int,
        header: str,
        secret_arn: str,
    ) -> None:
        super().__init__(scope, construct_id)
        acl = waf.CfnWebACL(
            self,
            "Acl",
            name=name,
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible(name),
            rules=[
                waf.CfnWebACL.RuleProperty(
                    name="RequestsPerAddress",
                    priority=0,
                    action=waf.CfnWebACL.RuleActionProperty(block={}),
                    statement=waf.CfnWebACL.StatementProperty(
                        rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                            limit=requests_per_address,
                            aggregate_key_type="IP",
                            scope_down_statement=_without(header, secret_arn),
                        )
                    ),
                    visibility_config=_visible("RequestsPerAddress"),
                ),
                waf.CfnWebACL.RuleProperty(
                    name="LinksPerAddress",
                    priority=1,
                    action=waf.CfnWebACL.RuleActionProperty(block={}),
                    statement=waf.CfnWebACL.StatementProperty(
                        rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                            limit=LINKS_PER_ADDRESS, aggregate_key_type="IP", scope_down_statement=_below(LINKS)
                        )
                    ),
                    visibility_config=_visible("LinksPerAddress"),
                ),
                _managed("AWSManagedRulesCommonRuleSet", 2, COUNTED_ONLY),
                _managed("AWSManagedRulesKnownBadInputsRuleSet", 3),
            ],
        )
        waf.CfnWebACLAssociation(self, "Association", resource_arn=stage_arn, web_acl_arn=acl.attr_arn)
