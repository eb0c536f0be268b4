#!/usr/bin/env python3
"""Cuts the published swagger of Argo CD down to the definitions that the tests of the double validate against.

Usage: cut.py swagger.json > argocd.json

Only descriptions are dropped; a definition that is allowed to be any JSON (an empty one) is kept as it is.
"""
import json
import sys

ROOTS = [
    "accountCanIResponse",
    "applicationApplicationResourceResponse",
    "applicationApplicationResponse",
    "applicationApplicationSyncRequest",
    "applicationApplicationSyncWindowsResponse",
    "applicationLogEntry",
    "applicationManagedResourcesResponse",
    "applicationOperationTerminateResponse",
    "applicationApplicationRollbackRequest",
    "applicationResourceActionRunRequestV2",
    "applicationResourceActionsListResponse",
    "eventsEventList",
    "repositoryManifestResponse",
    "runtimeError",
    "runtimeStreamError",
    "sessionGetUserInfoResponse",
    "sessionSessionCreateRequest",
    "sessionSessionResponse",
    "v1alpha1Application",
    "v1alpha1ApplicationList",
    "v1alpha1ApplicationTree",
    "v1alpha1ApplicationWatchEvent",
    "v1alpha1ChartDetails",
    "v1alpha1RevisionMetadata",
    "versionVersionMessage",
]

swagger = json.load(open(sys.argv[1], encoding="utf-8"))
kept = {}


def strip(node):
    if isinstance(node, dict):
        return {k: strip(v) for k, v in node.items() if not (k in ("description", "title") and isinstance(v, str))}
    if isinstance(node, list):
        return [strip(item) for item in node]
    return node


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value.rsplit("/", 1)[1]
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


waiting = list(ROOTS)
while waiting:
    name = waiting.pop()
    if name not in kept:
        kept[name] = strip(swagger["definitions"][name])
        waiting.extend(references(kept[name]))

paths = {}
for path, methods in swagger["paths"].items():
    for method, operation in methods.items():
        schema = operation["responses"]["200"].get("schema", {})
        # An endpoint that streams answers one result after another.
        schema = schema.get("properties", {}).get("result", schema)
        name = schema.get("$ref", "").rsplit("/", 1)[-1]
        if name in ROOTS:
            query = sorted(p["name"] for p in operation.get("parameters", []) if p["in"] == "query")
            paths.setdefault(path, {})[method] = {"answer": name, "query": query}

json.dump({"paths": paths, "definitions": kept}, sys.stdout, indent=1, sort_keys=True)
sys.stdout.write("\n")
