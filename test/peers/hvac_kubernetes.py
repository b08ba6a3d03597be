"""The calls of hvac for logins from a cluster, beginning with enabling the method. Ends with an assertion error or says so."""
import json
import sys

import hvac
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest

given = json.load(sys.stdin)
client = hvac.Client(url=sys.argv[1], token=given["token"])
kubernetes = client.auth.kubernetes

client.sys.enable_auth_method("kubernetes", description="ours", config={"default_lease_ttl": "20m"})
assert client.sys.list_auth_methods()["data"]["kubernetes/"]["type"] == "kubernetes"
client.sys.tune_auth_method("kubernetes", max_lease_ttl="10h")
assert client.sys.read_auth_method_tuning("kubernetes")["data"]["max_lease_ttl"] == 36000

kubernetes.configure(
    kubernetes_host=given["host"], kubernetes_ca_cert=given["ca"], token_reviewer_jwt=given["reviewer"]
)
assert kubernetes.read_config()["kubernetes_host"] == given["host"]
kubernetes.create_role(
    "app",
    bound_service_account_names=["web"],
    bound_service_account_namespaces=["shop"],
    ttl="1h",
    max_ttl="2h",
    policies=["shop-read"],
    alias_name_source="serviceaccount_name",
)
assert kubernetes.list_roles()["keys"] == ["app"]
role = kubernetes.read_role("app")
assert role["bound_service_account_names"] == ["web"]
assert (role["token_ttl"], role["token_max_ttl"], role["token_policies"]) == (3600, 7200, ["shop-read"])

worker = hvac.Client(url=sys.argv[1])
auth = worker.auth.kubernetes.login("app", given["jwt"])["auth"]
assert worker.is_authenticated()
assert auth["policies"] == ["default", "shop-read"]
assert auth["metadata"]["service_account_name"] == "web"
assert worker.auth.token.renew_self()["auth"]["lease_duration"] == 3600
for role, jwt, refusal in [("app", given["other"], Forbidden), ("none", given["jwt"], InvalidRequest)]:
    try:
        hvac.Client(url=sys.argv[1]).auth.kubernetes.login(role, jwt)
        raise AssertionError("was let in")
    except refusal:
        pass

kubernetes.delete_role("app")
try:
    kubernetes.read_role("app")
    raise AssertionError("a role that is gone was read")
except InvalidPath:
    pass
client.sys.move_backend("auth/kubernetes", "auth/west")
client.sys.disable_auth_method("west")
assert not worker.is_authenticated()
print("all calls answered as they should")
