"""How policies are written in the templates."""


def as_list(value):
    return value if isinstance(value, list) else [value]


def policies(properties):
    """(name, document) of a role's own policies; those under a condition too."""
    for policy in properties.get("Policies", []):
        for one in policy.get("Fn::If", [None, policy])[1:]:
            if isinstance(one, dict) and "PolicyDocument" in one:
                yield one["PolicyName"], one["PolicyDocument"]
