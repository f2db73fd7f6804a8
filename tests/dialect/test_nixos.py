#!/usr/bin/python3
"""Dialect "nixos": the module, evaluated by Nix."""
import json
import os

import dialect as d


def evaluated(text):
    d.write("tcpadvise.nix", text)
    environment = {"PATH": os.environ["PATH"], "HOME": os.getcwd(), "NIX_STATE_DIR": os.getcwd() + "/nix",
                   "NIX_STORE_DIR": os.getcwd() + "/store"}
    return json.loads(d.output("nix-instantiate", "--eval", "--strict", "--json", "tcpadvise.nix", env=environment))


def main():
    d.need("nix-instantiate")
    with d.directory():
        tables = (d.SETTINGS, d.LISTS)
        module = evaluated(d.text_of("nixos", [
            *d.settings(*tables, d.DOTTED, why="a-rule"),
            d.limit("nofile", "8192:131072", user="@www", unit="web.service", why="a-rule"),
            d.limit("nproc", "unlimited", unit="db@1.service")]))
        found = {key: str(value) for key, value in module["boot"]["kernel"]["sysctl"].items()}
        expected = {key: " ".join(value.split()) for table in tables for key, value in table.items()}
        assert found == {**expected, f"net/ipv4/conf/{d.DOTTED_LINK}/rp_filter": "2"}, found
        # A number, as net.core.rmem_max has to be.
        assert module["boot"]["kernel"]["sysctl"]["net.core.somaxconn"] == 4321
        assert module["systemd"]["services"] == {"web": {"serviceConfig": {"LimitNOFILE": "8192:131072"}},
                                                 "db@1": {"serviceConfig": {"LimitNPROC": "infinity:infinity"}}}
        assert module["security"]["pam"]["loginLimits"] == [
            {"domain": "@www", "type": kind, "item": "nofile", "value": value}
            for kind, value in (("soft", "8192"), ("hard", "131072"))]
        values = [*d.HOSTILE, "007", "0", "9" * 19, "$${x}", "$$", "\\${x}", ""]
        module = evaluated(d.text_of("nixos", [d.setting(f"net.core.x{i}", value) for i, value in enumerate(values)]))
        found = [module["boot"]["kernel"]["sysctl"][f"net.core.x{i}"] for i in range(len(values))]
        assert [str(value) for value in found] == values, found
    d.check_refusals("nixos")
    print("Nix evaluated every module")


if __name__ == "__main__":
    main()
