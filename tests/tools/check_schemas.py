"""Holds the catalogues under rules/ against their JSON Schemas."""
import json
import os
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

RULES = os.path.join(os.environ["SOURCE"], "rules")
CATALOGUES = ["public", "states", "topics", "tunables"]


def load(*path):
    with open(os.path.join(RULES, *path), encoding="utf-8") as file:
        return json.load(file, object_pairs_hook=no_duplicates)


def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"duplicate key in {keys}")
    return dict(pairs)


def main():
    mistakes = 0
    for name in CATALOGUES:
        schema = load("schema", f"{name}.schema.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        for error in jsonschema.Draft202012Validator(schema).iter_errors(load(f"{name}.json")):
            print(f"{name}.json: /{'/'.join(map(str, error.absolute_path))}: {error.message}")
            mistakes += 1
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
