"""Examples for the documents, made of what the schemas say."""

from typing import Any

Json = dict[str, Any]


def example(document: Json, schema: Json) -> Any:
    """Return a value of `schema`: its example, or one made of its members that are required or have an example.

    What may be null is null unless it has an example: most things are not cancelled.
    """
    if "$ref" in schema:
        named = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return example(document, named)
    if "example" in schema or schema.get("nullable"):
        return schema.get("example")
    for choice in ("allOf", "anyOf"):
        if choice in schema:
            return example(document, schema[choice][0])
    if schema.get("type") == "array":
        return [example(document, schema["items"])]
    if "properties" in schema:
        required = schema.get("required", [])
        return {
            name: example(document, member)
            for name, member in schema["properties"].items()
            if name in required or "example" in member
        }
    return sample(schema)


def sample(schema: Json) -> Any:
    """Return a plain value of `schema`."""
    known = {"date-time": "2026-12-01T09:00:00Z", "date": "2026-12-01"}.get(schema.get("format", ""))
    plain = {"integer": schema.get("minimum", 1) or 1, "boolean": True, "string": "text", "number": 1}
    for found in (schema.get("example"), schema.get("default"), *schema.get("enum", ())[:1], known):
        if found is not None:
            return found
    return plain.get(schema.get("type", ""), "")
