"""The lab: faults made with real processes and real sockets, what the audit says of them, and whether the
fix that it prints cures them.

A scenario makes one fault in a machine of its own: fresh namespaces of this kernel, or, for what belongs to a
whole kernel, another kernel started as a process (machine.py). It holds the fault while tcpadvise looks,
applies the fix that the report prints, measures what a user of the host would suffer before and
after, and has a healthy look-alike, of which the audit must say nothing. Nothing outside is touched; all is
bounded in count and time; when the machine's first process ends, the kernel ends all the others.

    tool.py      runs tcpadvise
    report.py    the report document: findings, figures, fixes
    machine.py   where a scenario runs
    cable.py     the other end of a network device of another kernel
    host.py      one host of a scenario: its processes, links, settings, and the fixes applied to it
    change.py    the fixes that set something: applied and taken back by the tool itself
    process.py   its processes: roles written in Python, and programs
    roles.py     what processes do in several scenarios; nginx.py, firewall.py: what stands beside them
    wire.py      what the kernel counts, and segments made by hand
    scenario.py  what a scenario is, and how it is proved
    paste.py     a scenario of which only a paste is seen
    results.py   what was proved: the table of docs/lab.md
    replay.py    what cannot be made here: recorded evidence
"""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))

from .host import Host, command
from .machine import NAMESPACES, OWN_KERNEL, check_namespaces, take_packets, unshare_command
from .nginx import start_nginx
from .paste import Paste
from .process import Process, allow_files
from .report import LOUD, Report, says
from .roles import http_server, server, steadfast_clients
from .scenario import SKIPPED, Scenario, Together, run_inside, worst
from .tool import SOURCE, Skip, rules_of_the_host, run_audit, run_tool, tool, validate
from .wire import (CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT1, FIN_WAIT2, LAST_ACK, LISTEN, SYN_RECV, SYN_SENT,
                   TIME_WAIT, count, counter, counters, failed_connects, growth, listening, reset_on_close, rows,
                   wait_until)
