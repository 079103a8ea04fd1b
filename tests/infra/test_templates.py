"""The templates as they are."""

import json
import re
import unittest

import calls
import rules
from templates import ROOT, Templates, checkov, exceptions, without_exceptions

TEMPLATES = Templates()


class TheTemplates(unittest.TestCase):
    def test_no_rule_is_broken(self):
        for rule in rules.ALL:
            with self.subTest(rule.__name__):
                self.assertEqual(list(rule(TEMPLATES)), [])

    def test_every_exception_is_needed_and_has_a_reason(self):
        declared = exceptions(TEMPLATES)
        [found] = checkov([without_exceptions(TEMPLATES)])
        self.assertEqual(set(declared), found)
        for exception, reason in declared.items():
            self.assertTrue(reason.strip(), exception)

    def test_the_table_has_the_keys_that_the_code_uses(self):
        keys = (ROOT / "src/outbound/dynamodb/key.rs").read_text()
        name = lambda constant: re.search(rf'{constant}: &str = "(\w+)"', keys)[1]
        table = TEMPLATES.data["template.yaml"]["Resources"]["Table"]["Properties"]
        schema = {key["KeyType"]: key["AttributeName"] for key in table["KeySchema"]}
        self.assertEqual(schema, {"HASH": name("PARTITION_KEY"), "RANGE": name("SORT_KEY")})
        self.assertEqual(table["TimeToLiveSpecification"], {"AttributeName": name("TTL"), "Enabled": True})

    def test_the_table_is_made_by_the_program_only_for_dynamodb_local(self):
        self.assertTrue(calls.only_locally())

    def test_the_code_can_call_no_service_that_is_not_looked_at_here(self):
        crates = re.findall(r"^aws-sdk-(\w+)", (ROOT / "Cargo.toml").read_text(), re.M)
        self.assertIn("dynamodb", crates)
        self.assertLessEqual(set(crates), {"dynamodb", "secretsmanager"})

    @unittest.skipUnless(calls.reads_a_secret(), "the code does not read SCE_DOCKER_CERT_SECRET yet")
    def test_the_secret_that_the_role_may_read_is_read(self):
        source = " ".join(calls.source(path) for path in (ROOT / "src").rglob("*.rs"))
        self.assertRegex(source, r"get_secret_value\(|GetSecretValue")

    def test_the_dashboard_is_json_and_shows_every_metric_and_alarm(self):
        resources = TEMPLATES.data["template.yaml"]["Resources"]
        body = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
        json.loads(body)
        for name, resource in resources.items():
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                self.assertIn(f"${{{name}.Arn}}", body)
        _, _, metrics = calls.metrics()
        self.assertTrue(metrics)
        for metric in metrics:
            self.assertIn(f'"{metric}"', body)

    def test_every_alarm_has_a_runbook(self):
        headings = re.findall(r"^### (.*)", (ROOT / "docs/OPERATIONS.md").read_text(), re.M)
        for template, name, alarm in TEMPLATES.resources("AWS::CloudWatch::Alarm"):
            runbook = re.search(r"Runbook, (.*)\.$", alarm["AlarmDescription"])
            self.assertIsNotNone(runbook, name)
            self.assertIn(runbook[1].capitalize().replace("Dynamodb", "DynamoDB"), headings, f"{template}: {name}")

    def test_what_is_refused_at_the_gate_looks_like_what_the_function_refuses(self):
        body = TEMPLATES.data["template.yaml"]["Resources"]["Api"]["Properties"]["DefinitionBody"]
        for answer in body["x-amazon-apigateway-gateway-responses"].values():
            text = answer["responseTemplates"]["application/json"].replace("$context.error.messageString", '"m"')
            self.assertEqual(set(json.loads(text)), {"error", "code", "request_id"})

    def test_a_line_of_the_access_log_is_json(self):
        log = TEMPLATES.data["template.yaml"]["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Format"]
        self.assertIn("request_id", json.loads(log))
