"""The everyday calls of hvac: init, unseal, mounts, policies, tokens, kv 1 and 2. Ends with an assertion error or says so."""
import sys

import hvac
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest

client = hvac.Client(url=sys.argv[1])

assert not client.sys.is_initialized()
made = client.sys.initialize(secret_shares=3, secret_threshold=2)
assert client.sys.is_sealed()
client.sys.submit_unseal_keys(made["keys"][:2])
assert not client.sys.is_sealed()
client.token = made["root_token"]
assert client.is_authenticated()
assert client.sys.read_health_status(method="GET")["initialized"]
assert client.sys.read_seal_status()["t"] == 2
assert client.sys.read_leader_status()["ha_enabled"] is False

client.sys.enable_secrets_engine("kv", path="one", options={"version": "1"})
client.sys.enable_secrets_engine("kv", path="two", options={"version": "2"})
assert client.sys.list_mounted_secrets_engines()["data"]["two/"]["options"] == {"version": "2"}
client.sys.tune_mount_configuration("one", default_lease_ttl="1h", description="kept")
assert client.sys.read_mount_configuration("one")["data"]["default_lease_ttl"] == 3600
client.sys.move_backend("one", "moved")
client.sys.disable_secrets_engine("moved")
client.sys.enable_secrets_engine("kv", path="one", options={"version": "1"})
assert "token/" in client.sys.list_auth_methods()["data"]

client.sys.create_or_update_policy("reader", 'path "two/data/*" { capabilities = ["read", "list"] }')
assert "reader" in client.sys.list_policies()["data"]["policies"]
assert "two/data" in client.sys.read_policy("reader")["data"]["rules"]
assert client.sys.list_acl_policies()["data"]["keys"]
try:
    client.sys.create_or_update_policy("bad", "path")
    raise AssertionError("a broken policy was taken")
except InvalidRequest as error:
    assert "failed to parse policy" in str(error)

kv1 = client.secrets.kv.v1
kv1.create_or_update_secret("app/db", {"password": "one", "big": 9007199254740993}, mount_point="one")
assert kv1.read_secret("app/db", mount_point="one")["data"] == {"password": "one", "big": 9007199254740993}
assert kv1.list_secrets("app", mount_point="one")["data"]["keys"] == ["db"]
kv1.delete_secret("app/db", mount_point="one")
try:
    kv1.read_secret("app/db", mount_point="one")
    raise AssertionError("a deleted secret was answered")
except InvalidPath:
    pass

kv2 = client.secrets.kv.v2
kv2.configure(max_versions=5, mount_point="two")
assert kv2.read_configuration(mount_point="two")["data"]["max_versions"] == 5
kv2.create_or_update_secret("app/db", {"password": "one"}, mount_point="two")
kv2.create_or_update_secret("app/db", {"password": "two", "big": 9007199254740993}, cas=1, mount_point="two")
read = kv2.read_secret_version("app/db", mount_point="two", raise_on_deleted_version=True)["data"]
assert read["data"] == {"password": "two", "big": 9007199254740993} and read["metadata"]["version"] == 2
assert kv2.read_secret_version("app/db", version=1, mount_point="two", raise_on_deleted_version=True)["data"]["data"] == {"password": "one"}
kv2.patch("app/db", {"user": "u"}, mount_point="two")
assert kv2.read_secret_version("app/db", mount_point="two", raise_on_deleted_version=True)["data"]["data"]["user"] == "u"
try:
    kv2.create_or_update_secret("app/db", {"x": "y"}, cas=1, mount_point="two")
    raise AssertionError("a stale write was taken")
except InvalidRequest as error:
    assert "check-and-set" in str(error)
assert kv2.list_secrets("app", mount_point="two")["data"]["keys"] == ["db"]
kv2.delete_latest_version_of_secret("app/db", mount_point="two")
try:
    kv2.read_secret_version("app/db", mount_point="two", raise_on_deleted_version=True)
    raise AssertionError("a deleted version was answered")
except InvalidPath:
    pass
kv2.undelete_secret_versions("app/db", [3], mount_point="two")
kv2.delete_secret_versions("app/db", [1], mount_point="two")
kv2.destroy_secret_versions("app/db", [1], mount_point="two")
kv2.update_metadata("app/db", max_versions=3, custom_metadata={"owner": "team"}, mount_point="two")
meta = kv2.read_secret_metadata("app/db", mount_point="two")["data"]
assert meta["versions"]["1"]["destroyed"] and meta["custom_metadata"] == {"owner": "team"}
kv2.delete_metadata_and_all_versions("app/old", mount_point="two")

token = client.auth.token.create(policies=["reader"], ttl="1h", meta={"a": "b"})["auth"]
limited = hvac.Client(url=sys.argv[1], token=token["client_token"])
assert limited.auth.token.lookup_self()["data"]["meta"] == {"a": "b"}
assert limited.secrets.kv.v2.read_secret_version("app/db", mount_point="two", raise_on_deleted_version=True)["data"]["data"]["user"] == "u"
try:
    limited.sys.list_mounted_secrets_engines()
    raise AssertionError("a policy was not kept")
except Forbidden:
    pass
assert limited.auth.token.renew_self(increment="2h")["auth"]["lease_duration"] == 7200
assert client.auth.token.lookup_accessor(token["accessor"])["data"]["ttl"] > 0
assert client.auth.token.list_accessors()["data"]["keys"]
assert client.sys.get_capabilities(["two/data/x"], token=token["client_token"])["data"]["two/data/x"] == ["list", "read"]
client.auth.token.create_or_update_role("maker", allowed_policies="reader", orphan=True)
assert client.auth.token.read_role("maker")["data"]["orphan"]
assert client.auth.token.create(role_name="maker")["auth"]["orphan"]
client.auth.token.revoke(token["client_token"])
assert not limited.is_authenticated()
orphan = client.auth.token.create_orphan(policies=["reader"])["auth"]
client.auth.token.revoke_accessor(orphan["accessor"])

client.write_data("cubbyhole/mine", data={"x": "y"})
assert client.read("cubbyhole/mine")["data"] == {"x": "y"}
assert client.list("cubbyhole")["data"]["keys"] == ["mine"]
client.delete("cubbyhole/mine")

client.sys.rotate_encryption_key()
assert client.sys.get_encryption_key_status()["data"]["term"] == 2
client.sys.seal()
assert client.sys.is_sealed()
print("all calls answered as they should")
