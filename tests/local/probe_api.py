"""
Make the API of the probe: a pool of callers, scopes, three methods, and the gateway's own answers.

Called by   tests/local/probe.py
"""

from typing import Any

from tests.local.probe_parts import arn


def api() -> dict[str, Any]:
    """Return the API's resources."""
    scopes = ["orders/read", "orders/write", "stock/read"]
    method = {
        "RestApiId": {"Ref": "Api"},
        "ResourceId": {"Ref": "Orders"},
        "AuthorizationType": "COGNITO_USER_POOLS",
        "AuthorizerId": {"Ref": "Authorizer"},
        "Integration": {
            "Type": "AWS_PROXY",
            "IntegrationHttpMethod": "POST",
            "Uri": {
                "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${hello.Arn}/invocations"
            },
        },
    }
    return {
        "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": "probe"}},
        "Domain": {
            "Type": "AWS::Cognito::UserPoolDomain",
            "Properties": {"UserPoolId": {"Ref": "Pool"}, "Domain": "probe-domain"},
        },
        "OrdersServer": _server("orders"),
        "StockServer": _server("stock"),
        "Client": {
            "Type": "AWS::Cognito::UserPoolClient",
            "DependsOn": ["OrdersServer", "StockServer"],
            "Properties": {
                "UserPoolId": {"Ref": "Pool"},
                "GenerateSecret": True,
                "AllowedOAuthFlows": ["client_credentials"],
                "AllowedOAuthFlowsUserPoolClient": True,
                "AllowedOAuthScopes": scopes,
            },
        },
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "probe"}},
        "Authorizer": {
            "Type": "AWS::ApiGateway::Authorizer",
            "Properties": {
                "Name": "pool",
                "RestApiId": {"Ref": "Api"},
                "Type": "COGNITO_USER_POOLS",
                "IdentitySource": "method.request.header.Authorization",
                "ProviderARNs": [arn("Pool")],
            },
        },
        "Orders": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                "PathPart": "orders",
            },
        },
        "Post": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": method | {"HttpMethod": "POST", "AuthorizationScopes": ["orders/write"]},
        },
        "Get": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": method | {"HttpMethod": "GET", "AuthorizationScopes": ["nothing/here", "stock/read"]},
        },
        "Put": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": method | {"HttpMethod": "PUT", "AuthorizationScopes": ["orders/approve"]},
        },
        "NotFound": {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ResponseType": "MISSING_AUTHENTICATION_TOKEN",
                "StatusCode": "404",
                "ResponseParameters": {"gatewayresponse.header.Content-Type": "'application/problem+json'"},
                "ResponseTemplates": {"application/json": '{"title": "Not found", "status": 404}'},
            },
        },
        "Failed": {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ResponseType": "DEFAULT_5XX",
                "StatusCode": "500",
                "ResponseParameters": {"gatewayresponse.header.Content-Type": "'application/problem+json'"},
                "ResponseTemplates": {"application/json": '{"title": "Internal error", "status": 500}'},
            },
        },
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": ["Post", "Get", "Put", "NotFound", "Failed"],
            "Properties": {"RestApiId": {"Ref": "Api"}},
        },
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {"RestApiId": {"Ref": "Api"}, "DeploymentId": {"Ref": "Deployment"}, "StageName": "v"},
        },
        "ApiPermission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "hello"},
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
            },
        },
    }


def _server(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Cognito::UserPoolResourceServer",
        "Properties": {
            "UserPoolId": {"Ref": "Pool"},
            "Identifier": name,
            "Name": name,
            "Scopes": [{"ScopeName": verb, "ScopeDescription": verb} for verb in ("read", "write", "approve")],
        },
    }
