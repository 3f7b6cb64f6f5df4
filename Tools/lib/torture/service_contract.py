"""The operations of a service as its contract has them, without a YAML reader: the file is written in
one style, and a line that this style does not have is an error here."""
import re


class Operation:
    """A method of a path.

    - path: as the contract has it, with its parameters in braces.
    - needs_token: whether the contract asks for the token.
    - bodies: the media types of its body, none where it has none.
    """

    def __init__(self, method, path):
        self.method, self.path = method.upper(), path
        self.name = ""
        self.needs_token = True
        self.bodies = []

    def at(self, name="load%2Flayer1", dataset="docs", space="0" * 64):
        """The path with its parameters filled in, percent-encoded as they are given."""
        filled = self.path.replace("{id}", space)
        return filled.replace("{name}", dataset if "/datasets/" in filled else name)


def operations(text):
    """All operations of a contract's text, in its order."""
    found, path, operation, is_body = [], None, None, False
    lines = text[text.index("\npaths:\n"):text.index("\ncomponents:\n")].splitlines()
    for line in lines:
        if match := re.fullmatch(r"  (/\S*):", line):
            path, operation = match[1], None
        elif match := re.fullmatch(r"    (get|post|put|delete|patch|head|options|trace):", line):
            operation = Operation(match[1], path)
            found.append(operation)
            is_body = False
        elif operation and (match := re.fullmatch(r"      operationId: (\w+)", line)):
            operation.name = match[1]
        elif operation and re.fullmatch(r"      security: \[\{\}\]", line):
            operation.needs_token = False
        elif operation and (match := re.fullmatch(r"      requestBody:(.*)", line)):
            is_body = True
            named = re.search(r"requestBodies/(\w+)", match[1])
            if named:
                operation.bodies = ["application/octet-stream"]
                if named[1] == "Blocks":
                    operation.bodies.append("application/json")
        elif re.match(r"      \w", line):
            is_body = False
        elif is_body and (match := re.fullmatch(r"\s+(application/[\w-]+):.*", line)):
            operation.bodies.append(match[1])
    ids = re.findall(r"operationId: (\w+)", text)
    if [operation.name for operation in found] != ids or not ids:
        raise ValueError("the contract is written in a style that is not understood here")
    return found
