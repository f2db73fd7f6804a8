#!/usr/bin/python3
"""Dialect "kubernetes": the models of Kubernetes' own client lose what is no field of a pod."""
import dialect as d

try:
    import yaml
    from kubernetes.client import ApiClient
except ImportError as error:
    d.skip(str(error))

SAFE_IN_EVERY = {"net.ipv4.ip_local_port_range": "1 2", "net.ipv4.tcp_syncookies": "1"}
SAFE_SINCE = {"net.ipv4.ip_local_reserved_ports": 27, "net.ipv4.tcp_keepalive_time": 29, "net.ipv4.tcp_fin_timeout": 29,
              "net.ipv4.tcp_rmem": 32}
UNSAFE = ("net.core.somaxconn", "net.ipv4.tcp_tw_reuse")
NOT_OF_A_POD = ("net.netfilter.nf_conntrack_max", "net.core.rmem_max", "fs.nr_open",
                "net.ipv4.tcp_available_congestion_control", "net.ipv4.tcp_mem", "vm.swappiness",
                "net.ipv4.conf.eth0/7.rp_filter")


def loaded(text):
    """The sysctls that the client sends to a server of what it loads."""
    client = ApiClient()
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, **yaml.safe_load(text)}
    pod["spec"]["containers"] = [{"name": "x", "image": "x"}]
    sent = client.sanitize_for_serialization(client._ApiClient__deserialize(pod, "V1Pod"))
    assert sent == pod, sent
    return {row["name"]: row["value"] for row in sent["spec"]["securityContext"]["sysctls"]}


def comment_above(text, key):
    lines = text.split("\n")
    return lines[lines.index(f"      - name: {key}") - 1].strip()


def check_versions():
    items = [d.setting(key, "1") for key in (*SAFE_IN_EVERY, *SAFE_SINCE, *UNSAFE)]
    text = d.text_of("kubernetes", items)
    for key, since in {**dict.fromkeys(SAFE_IN_EVERY, 12), **SAFE_SINCE}.items():
        assert comment_above(text, key) == f"# safe since Kubernetes 1.{since}", text
        for version in (since - 1, since, since + 1):
            unsafe = f"kubelet --allowed-unsafe-sysctls={key}" in d.text_of("kubernetes", items, kubernetes=version)
            assert unsafe == (version < since), (key, version)
    for key in UNSAFE:
        assert comment_above(text, key) == f"# unsafe: kubelet --allowed-unsafe-sysctls={key}", text
        assert f"sysctls={key}\n" in d.text_of("kubernetes", items, kubernetes=99)
    assert "safe since" not in d.text_of("kubernetes", items, kubernetes=28)


def main():
    tables = (d.SETTINGS, d.LISTS)
    found = loaded(d.text_of("kubernetes", d.settings(*tables, why="a-rule")))
    assert found == {key: " ".join(value.split()) for table in tables for key, value in table.items()}, found
    values = {f"net.ipv4.conf.x{i}.y": value for i, value in enumerate(d.HOSTILE)}
    assert loaded(d.text_of("kubernetes", d.settings(values))) == values
    check_versions()
    d.refuses("kubernetes", [d.setting(key, "1") for key in NOT_OF_A_POD])
    d.refuses("kubernetes", d.settings(d.SETTINGS), host_network=True)
    d.refuses("kubernetes", [d.limit("nofile", "5"), d.setting("net.core.somaxconn", "")])
    d.refuses("kubernetes", [d.setting("net.ipv4.tcp_rmem", "1 2 3")], kernel="4.14.0")
    d.check_refusals("kubernetes")
    print("the client of Kubernetes knew every field")


if __name__ == "__main__":
    main()
