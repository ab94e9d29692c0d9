"""The dashboard shows the resources that the templates make, by the names that they have."""

import json
from typing import Any

from infra import names
from tests.infra.templates import Templates, text


def _graphs(templates: Templates) -> dict[str, list[dict[str, Any]]]:
    """Return the lines of each graph by its title, each line as its metric, dimensions, label and statistic."""
    [dashboard] = templates.all("AWS::CloudWatch::Dashboard")
    assert dashboard.stack == "flow"
    assert dashboard.properties["DashboardName"] == names.prefix(templates.stage)
    body = json.loads(text(dashboard.properties["DashboardBody"]))
    return {
        widget["properties"]["title"]: [_line(metric) for metric in widget["properties"]["metrics"]]
        for widget in body["widgets"]
    }


def _line(metric: list[Any]) -> dict[str, Any]:
    namespace, name, *dimensions, shown = metric
    return {"metric": f"{namespace} {name}", **dict(zip(dimensions[::2], dimensions[1::2], strict=True)), **shown}


def test_the_dashboard_shows_the_api_the_machines_the_rooms_and_the_dead_letters(templates: Templates) -> None:
    graphs = _graphs(templates)
    name = names.prefix(templates.stage)

    assert list(graphs) == [
        "API: requests and refusals",
        "API: milliseconds",
        "Executions",
        "Stream readers: milliseconds behind",
        "Rooms: errors",
        "Dead letters: should be empty",
    ]
    [api] = templates.all("AWS::ApiGateway::RestApi")
    [live] = templates.all("AWS::ApiGateway::Stage")
    of_api = graphs["API: requests and refusals"] + graphs["API: milliseconds"]
    assert {(line["ApiName"], line["Stage"]) for line in of_api} == {
        (api.properties["Name"], live.properties["StageName"])
    }
    machines = {machine.properties["StateMachineName"] for machine in templates.all("AWS::StepFunctions::StateMachine")}
    assert {line["StateMachineArn"].rsplit(":", 1)[-1] for line in graphs["Executions"]} == machines
    functions = {function.properties["FunctionName"] for function in templates.functions().values()}
    assert {line["FunctionName"] for line in graphs["Rooms: errors"]} == {f for f in functions if f.startswith(name)}
    readers = {
        function.properties["FunctionName"]
        for function in templates.functions().values()
        for mapping in templates.all("AWS::Lambda::EventSourceMapping")
        if mapping.properties["FunctionName"] == {"Ref": function.id} and "StartingPosition" in mapping.properties
    }
    assert {line["FunctionName"] for line in graphs["Stream readers: milliseconds behind"]} == readers
    queues = {queue.properties["QueueName"] for queue in templates.all("AWS::SQS::Queue")}
    dead = {queue for queue in queues if queue.endswith(("-dead", "-undelivered"))}
    assert {line["QueueName"] for line in graphs["Dead letters: should be empty"]} == dead
