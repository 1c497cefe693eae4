"""The rules of SARIF 2.1.0 that code scanning relies on (OASIS standard, sections 3.13 to 3.52)."""

import json
import xml.etree.ElementTree as ET
from pathlib import PurePosixPath
from urllib.parse import unquote

import pytest

from agent.json_types import as_object
from jobs.triage.reports.junit import junit
from jobs.triage.reports.sarif import sarif
from tests.jobs.triage.inputs import FIXTURES, verdict
from tests.jobs.triage.json_schema import errors
from tests.jobs.triage.test_attacks import ATTACKS, Attack, logs
from tests.jobs.triage.test_verdicts import EXPECTED

OFFICIAL = as_object(json.loads((FIXTURES.parent / "sarif/sarif-2.1.0-rtm.5.json").read_text()))


@pytest.mark.parametrize("name", EXPECTED)
def test_the_official_schema(name: str) -> None:
    assert errors(json.loads(sarif(verdict((FIXTURES / name).read_bytes()), "1.2.3")), OFFICIAL) == []


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_the_official_schema_under_attack(attack: Attack) -> None:
    for log in logs(attack).values():
        assert errors(json.loads(sarif(verdict(log.encode("utf-8", "replace")), "1.2.3")), OFFICIAL) == []


@pytest.mark.parametrize(
    ("part", "instead", "said"),
    [
        ('"version": "2.1.0"', '"version": "2.2"', "$.version"),
        ('"level": "error"', '"level": "fatal"', "level is none of"),
        ('"startLine": 9', '"startLine": 0', "startLine is below 1"),
        ('"text": ', '"txt": ', "has ['txt']"),
        ('"name": "qwright triage"', '"nm": "x"', "driver lacks ['name']"),
        ('"uri": "shop', '"uri": "shop top', "is no URI"),
        ('"ruleIndex": 0', '"ruleIndex": "0"', "ruleIndex is no integer"),
    ],
)
def test_what_breaks_the_official_schema_is_found(part: str, instead: str, said: str) -> None:
    text = sarif(verdict((FIXTURES / "real/pytest-long.log").read_bytes()), "1")
    assert part in text
    found = errors(json.loads(text.replace(part, instead)), OFFICIAL)
    assert any(said in one for one in found), found


@pytest.mark.parametrize("name", EXPECTED)
def test_the_structure(name: str) -> None:
    found = verdict((FIXTURES / name).read_bytes())
    log = json.loads(sarif(found, "1.2.3"))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    driver = log["runs"][0]["tool"]["driver"]
    assert driver["name"]
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"]) == 8
    results = log["runs"][0]["results"]
    assert len(results) == max(1, len(found.suspects))
    for result in results:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == found.category.value
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        assert all(len(value) == 64 for value in result["partialFingerprints"].values())
        for location in result["locations"]:
            place = location["physicalLocation"]
            path = PurePosixPath(unquote(place["artifactLocation"]["uri"]))
            assert not path.is_absolute()
            assert ".." not in path.parts
            assert "region" not in place or place["region"]["startLine"] >= 1


def test_fingerprints_do_not_move_with_line_numbers() -> None:
    text = (FIXTURES / "real/pytest-long.log").read_text()
    one, other = (
        json.loads(sarif(verdict(log.encode()), "1")) for log in (text, text.replace("cart.py:9", "cart.py:19"))
    )
    assert one != other
    prints = [[result["partialFingerprints"] for result in log["runs"][0]["results"]] for log in (one, other)]
    assert prints[0] == prints[1]


@pytest.mark.parametrize("name", EXPECTED)
def test_junit_is_well_formed(name: str) -> None:
    found = verdict((FIXTURES / name).read_bytes())
    suite = ET.fromstring(junit(found))
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure")) == len(found.causes)


@pytest.mark.parametrize(
    ("text", "written"),
    [("got {0}", "got {{0}}"), ("{a: [1]}", "{{a: \\[1\\]}}"), ("a\\b", "a\\\\b"), ("[x](y)", "\\[x\\](y)")],
)
def test_a_message_holds_no_placeholder_and_no_link(text: str, written: str) -> None:
    found = verdict(b"").model_copy(update={"summary": text})
    (result,) = json.loads(sarif(found, "1"))["runs"][0]["results"]
    assert result["message"]["text"] == written
