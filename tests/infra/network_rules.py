"""Rules for what can be reached, and from where. Each takes the templates and gives a sentence for whatever breaks it."""

from statements import as_list, policies


def the_network_is_closed(templates):
    for template, name, group in templates.resources("AWS::EC2::SecurityGroup"):
        if not group.get("SecurityGroupEgress"):
            yield f"{template}: {name} lets everything out"
        for rule in group.get("SecurityGroupIngress", []):
            yield from ingress(f"{template}: {name}", rule)
        for rule in group.get("SecurityGroupEgress", []):
            if rule.get("CidrIp", "127.0.0.1/32") != "127.0.0.1/32" or "CidrIpv6" in rule:
                yield f"{template}: {name} lets out to addresses"
    for template, name, rule in templates.resources("AWS::EC2::SecurityGroupIngress"):
        yield from ingress(f"{template}: {name}", rule)
    for template, name, rule in templates.resources("AWS::EC2::SecurityGroupEgress"):
        if "CidrIp" in rule or "CidrIpv6" in rule:
            yield f"{template}: {name} lets out to addresses"
    hosts = templates.data["infra/network.yaml"]["Resources"]["HostGroup"]["Properties"]["SecurityGroupIngress"]
    doors = [(rule["IpProtocol"], rule["FromPort"], rule["ToPort"], rule.get("SourceSecurityGroupId")) for rule in hosts]
    if doors != [("tcp", 2376, 2376, {"Ref": "FunctionGroup"})]:
        yield f"the hosts can be reached by {doors}"
    for template, name, rule in templates.resources("AWS::EC2::SecurityGroupIngress"):
        if rule["GroupId"] == {"Ref": "HostGroup"}:
            yield f"{template}: {name} is another door to the hosts"
    ways_out = ("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::Route", "AWS::EC2::VPCPeeringConnection")
    for template, name, _ in templates.resources(*ways_out):
        yield f"{template}: {name} is a way out of the network"


def ingress(where, rule):
    if any(key in rule for key in ("CidrIp", "CidrIpv6", "SourcePrefixListId")):
        yield f"{where} lets in by address"


def no_name_leads_out(templates):
    """A network's resolver asks the whole Internet, past every security group: each network that has one has a firewall
    for names, which answers for known ones, refuses all others last of all, fails closed, and is logged."""
    resources = {name: data["Resources"] for name, data in templates.data.items()}
    for template, vpc, properties in templates.resources("AWS::EC2::VPC"):
        if properties.get("EnableDnsSupport") is False:
            continue
        of_it = {"Ref": vpc}
        here = lambda kind, key: [one for file, _, one in templates.resources(kind) if file == template and one.get(key) == of_it]
        associations = here("AWS::Route53Resolver::FirewallRuleGroupAssociation", "VpcId")
        if not associations:
            yield f"{template}: {vpc} answers for every name of the Internet"
        for association in associations:
            group = resources[template][association["FirewallRuleGroupId"]["Ref"]]["Properties"]
            yield from names_are_few(f"{template}: {vpc}", group["FirewallRules"], resources[template])
        closed = here("AWS::Route53Resolver::FirewallConfig", "ResourceId")
        if [one.get("FirewallFailOpen") for one in closed] != ["DISABLED"]:
            yield f"{template}: {vpc} answers for every name when its firewall fails"
        if not here("AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation", "ResourceId"):
            yield f"{template}: nobody sees which names are asked for in {vpc}"
    # A resolver of one's own, and rules that lead to one, are ways out as well.
    for template, name, _ in templates.resources("AWS::Route53Resolver::ResolverEndpoint", "AWS::Route53Resolver::ResolverRule"):
        yield f"{template}: {name} leads names out of the network"


# Zones in which nobody else can have a name: what may stand behind an asterisk.
OF_MACHINES = {"*.compute.internal", "*.ec2.internal"}


def names_are_few(where, firewall, resources):
    rules = sorted(firewall, key=lambda rule: rule["Priority"])
    domains = lambda rule: resources[rule["FirewallDomainListId"]["Ref"]]["Properties"]["Domains"]
    last = rules[-1]
    if last["Action"] != "BLOCK" or domains(last) != ["*"] or "Qtype" in last:
        yield f"{where}: the last rule for names does not refuse all others"
    for rule in rules:
        if rule["Action"] == "BLOCK":
            continue
        for domain in domains(rule):
            text = domain.get("Fn::Sub") if isinstance(domain, dict) else domain
            if not isinstance(text, str) or (text.startswith("*") and text not in OF_MACHINES):
                yield f"{where}: {domain} may be anybody's name"


def of_use_within_the_network_alone(condition):
    """Whether a statement's condition is the network; for the function, where it was named."""
    named, then, otherwise = condition.get("Fn::If", [None, condition, None])
    if named not in (None, "HasVpcId") or otherwise not in (None, {"Ref": "AWS::NoValue"}):
        return False
    return "aws:SourceVpc" in then.get("StringEquals", {})


def stolen_credentials_open_nothing(templates):
    """What is reached by an endpoint of the network is opened from within the network only."""
    for template, name, role in templates.resources("AWS::IAM::Role"):
        for policy, document in policies(role):
            for statement in document["Statement"]:
                services = {action.partition(":")[0] for action in as_list(statement["Action"])}
                if services & {"secretsmanager", "dynamodb"} and not of_use_within_the_network_alone(statement.get("Condition", {})):
                    yield f"{template}: {name}, {policy}: whoever carries its credentials away can use them"
    for template, name, endpoint in templates.resources("AWS::EC2::VPCEndpoint"):
        for statement in endpoint.get("PolicyDocument", {}).get("Statement", [{"Resource": "*"}]):
            for resource in as_list(statement["Resource"]):
                text = resource.get("Fn::Sub") if isinstance(resource, dict) else resource
                if not isinstance(text, str) or text.endswith(":secret:*") or "${AWS::AccountId}" not in text:
                    yield f"{template}: {name} leads to {resource}"


def hosts_keep_their_credentials(templates):
    for template, name, launch in templates.resources("AWS::EC2::LaunchTemplate"):
        data = launch["LaunchTemplateData"]
        options = data.get("MetadataOptions", {})
        if options.get("HttpTokens") != "required" or options.get("HttpPutResponseHopLimit") != 1:
            yield f"{template}: {name}: the metadata service can be asked from a container, or without a token"
        if "KeyName" in data:
            yield f"{template}: {name}: somebody can log in"
