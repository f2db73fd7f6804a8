/* Unit tests of src/rules/site.c and src/rules/settings.c: how a fix is carried out in another
 * network namespace than the reader's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/macros.h"
#include "rules/settings.h"
#include "rules/site.h"

#define MAX    "\"net.core.somaxconn\": \"4096\""
#define OPEN   "\"fs.nr_open\": \"2000000\""
#define ENTERS "nsenter --target 42 --net sysctl -w net.core.somaxconn=4096"

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);

	if (!json)
		fail_msg("%s: %s", error.text, text);
	return json;
}

/* A host with Linux of this release and the namespaces. */
static json_t *host_with(const char *release, const char *namespaces)
{
	return json_pack("{s:{s:{s:s}}, s:o}", "host", "kernel", "release", release, "namespaces",
			 parse(namespaces));
}

/* What becomes of a fix in the first of the namespaces. */
static json_t *fixed_in(const char *release, const char *namespaces, const char *fix)
{
	json_auto_t *snapshot = host_with(release, namespaces);
	json_t *ns = json_array_get(json_object_get(snapshot, "namespaces"), 0);
	json_t *json = parse(fix);
	struct ta_site site;

	ta_site_find(snapshot, ns, NULL, &site);
	assert_true(ta_site_fix(&site, json));
	assert_true(ta_settings_commands(json, snapshot, &site));
	return json;
}

/* "a | b" of the lines of a dialect; "" when it is not there. */
static void assert_lines(const json_t *fix, const char *dialect, const char *want)
{
	const json_t *lines = json_object_get(json_object_get(fix, "commands"), dialect);
	char text[1024] = "";
	size_t i;
	json_t *line;

	json_array_foreach (lines, i, line) {
		strcat(text, i ? " | " : "");
		strcat(text, json_string_value(line));
	}
	if (strcmp(text, want) != 0)
		fail_msg("%s: '%s', not '%s'", dialect, text, want);
}

static void a_sysctl_is_set_where_it_is(void **state)
{
	static const char *const dialects[] = { "docker", "podman", "kubernetes", "systemd" };
	static const struct {
		const char *ns, *shell, *dialect, *lines, *text;
	} rows[] = {
		{ "{'name': 'host'}", "sysctl -w net.core.somaxconn=4096", "sysctl.d",
		  "# /etc/sysctl.d/90-tcpadvise.conf | net.core.somaxconn = 4096", "x" },
		{ "{'kind': 'host', 'name': 'host'}", "sysctl -w net.core.somaxconn=4096",
		  "sysctl.d", "# /etc/sysctl.d/90-tcpadvise.conf | net.core.somaxconn = 4096",
		  "x" },
		{ "{'kind': 'current', 'name': 'a'}, {'kind': 'host', 'name': 'host'}",
		  "sysctl -w net.core.somaxconn=4096", "sysctl.d",
		  "# /etc/sysctl.d/90-tcpadvise.conf | net.core.somaxconn = 4096", "x" },
		{ "{'kind': 'host', 'name': 'host', 'pid': 42}, {'kind': 'current', 'name': 'a'}",
		  ENTERS, "sysctl.d",
		  "# /etc/sysctl.d/90-tcpadvise.conf | net.core.somaxconn = 4096",
		  "namespace host: for good it stands in /etc/sysctl.d of the host." },
		{ "{'kind': 'container', 'name': 'db', 'pid': 42, 'container': {'engine': "
		  "'docker'}}",
		  ENTERS, "docker", "docker run --sysctl net.core.somaxconn=4096 ...",
		  "x net.core.somaxconn belongs to the network namespace db, which "
		  "/etc/sysctl.d of the host does not reach: for good the container" },
		{ "{'kind': 'container', 'name': 'db', 'pid': 42, 'container': {'engine': "
		  "'podman'}}",
		  ENTERS, "podman", "podman run --sysctl net.core.somaxconn=4096 ...",
		  "made anew" },
		{ "{'kind': 'container', 'name': 'db', 'pid': 42, 'container': {'engine': 'lxc'}}",
		  ENTERS, "", "", "/etc/sysctl.d inside of the container" },
		{ "{'kind': 'container', 'name': 'db', 'pid': 42}", ENTERS, "", "",
		  "by an option of its engine" },
		{ "{'kind': 'pod', 'name': 'db', 'pid': 42, 'container': {'engine': 'containerd'}}",
		  ENTERS, "kubernetes",
		  "spec: |   securityContext: |     sysctls: |       # unsafe: kubelet "
		  "--allowed-unsafe-sysctls=net.core.somaxconn |       - name: "
		  "net.core.somaxconn |         value: \"4096\"",
		  "allowedUnsafeSysctls" },
		{ "{'kind': 'service', 'name': 'db', 'pid': 42, 'unit': 'db@1.service'}", ENTERS,
		  "systemd",
		  "# /etc/systemd/system/db@1.service.d/90-tcpadvise.conf | [Service] | "
		  "ExecStartPre=+sysctl -w net.core.somaxconn=4096",
		  "before each start" },
		{ "{'kind': 'service', 'name': 'db', 'pid': 42, 'unit': 'x; reboot'}", ENTERS, "",
		  "", "before each start" },
		{ "{'kind': 'named', 'name': 'blue', 'pid': 42, 'path': '/run/netns/blue'}",
		  "ip netns exec blue sysctl -w net.core.somaxconn=4096", "", "",
		  "right after ip netns add" },
		{ "{'kind': 'named', 'name': 'x', 'pid': 42, 'path': '/run/netns/$(reboot)'}",
		  ENTERS, "", "", "right after ip netns add" },
		{ "{'kind': 'named', 'name': 'x', 'path': '/run/docker/netns/1-abc'}",
		  "nsenter --net=/run/docker/netns/1-abc sysctl -w net.core.somaxconn=4096", "", "",
		  "right after ip netns add" },
		{ "{'kind': 'named', 'name': 'x', 'path': '/run/netns/-a'}",
		  "nsenter --net=/run/netns/-a sysctl -w net.core.somaxconn=4096", "", "",
		  "right after ip netns add" },
		{ "{'kind': 'process', 'name': 'x', 'pid': 42}", ENTERS, "", "",
		  "whatever makes the namespace" },
		{ "{'kind': 'process', 'name': 'x'}", "", "", "", "whatever makes the namespace" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		char namespaces[512] = "[";
		json_auto_t *fix = NULL;

		strcat(strcat(namespaces, rows[i].ns), "]");
		for (char *c = namespaces; *c; c++)
			*c = *c == '\'' ? '"' : *c;
		fix = fixed_in("6.18.2", namespaces, "{\"text\": \"x\", \"settings\": {" MAX "}}");
		assert_lines(fix, "shell", rows[i].shell);
		if (*rows[i].dialect)
			assert_lines(fix, rows[i].dialect, rows[i].lines);
		for (size_t k = 0; k < TA_ARRAY_SIZE(dialects); k++)
			if (strcmp(dialects[k], rows[i].dialect) != 0)
				assert_lines(fix, dialects[k], "");
		if (strcmp(rows[i].dialect, "sysctl.d") != 0)
			assert_lines(fix, "sysctl.d", "");
		if (!strstr(ta_json_text(fix, "text"), rows[i].text))
			fail_msg("%zu: %s", i, ta_json_text(fix, "text"));
	}
}

static json_t *fixed_by_reader_in(const char *place)
{
	json_auto_t *snapshot = parse(place);
	json_t *ns = json_pack("{s:s, s:s}", "kind", "current", "name", "current");
	json_t *fix = parse("{\"text\": \"x\", \"settings\": {" MAX ", " OPEN "}}");
	struct ta_site site;

	json_object_set_new(snapshot, "namespaces", json_pack("[o]", ns));
	ta_site_find(snapshot, ns, NULL, &site);
	assert_true(ta_settings_commands(fix, snapshot, &site));
	return fix;
}

/* Nobody reads /etc/sysctl.d in most containers; what keeps a value is what makes them. */
static void a_reader_in_a_container_is_told_of_its_engine(void **state)
{
	static const char file[] = "# /etc/sysctl.d/90-tcpadvise.conf | net.core.somaxconn = 4096 "
				   "| fs.nr_open = 2000000";
	static const char open_only[] = "# /etc/sysctl.d/90-tcpadvise.conf | fs.nr_open = 2000000";
	static const struct {
		const char *host, *sysctl_d, *dialect, *lines, *text;
	} rows[] = {
		{ "'runtime': 'host'", file, "docker", "", "x" },
		{ "'runtime': 'container', 'container_engine': 'docker', 'sysctl_reader': 'none'",
		  open_only, "docker", "docker run --sysctl net.core.somaxconn=4096 ...",
		  "x net.core.somaxconn belongs to the network namespace of this container, in "
		  "which nobody reads /etc/sysctl.d: for good the container has to be made anew "
		  "with it." },
		{ "'runtime': 'container', 'container_engine': 'docker'", open_only, "compose",
		  "services: |   SERVICE: |     sysctls: |       net.core.somaxconn: \"4096\"",
		  "" },
		{ "'runtime': 'container', 'container_engine': 'podman'", open_only, "podman",
		  "podman run --sysctl net.core.somaxconn=4096 ...", "" },
		{ "'runtime': 'container'", open_only, "docker", "", "by an option of its engine" },
		{ "'runtime': 'pod', 'container_engine': 'containerd'", open_only, "kubernetes",
		  "spec: |   securityContext: |     sysctls: |       # unsafe: kubelet "
		  "--allowed-unsafe-sysctls=net.core.somaxconn |       - name: "
		  "net.core.somaxconn |         value: \"4096\"",
		  "namespace of this pod, in which" },
		{ "'runtime': 'container', 'container_engine': 'lxc'", file, "docker", "", "x" },
		{ "'runtime': 'container', 'container_engine': 'docker', 'sysctl_reader': "
		  "'systemd'",
		  file, "docker", "", "x" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		char place[256];
		json_auto_t *fix = NULL;

		snprintf(place, sizeof(place), "{'host': {%s, 'kernel': {'release': '6.18.2'}}}",
			 rows[i].host);
		for (char *c = place; *c; c++)
			*c = *c == '\'' ? '"' : *c;
		fix = fixed_by_reader_in(place);
		assert_lines(fix, "shell",
			     "sysctl -w net.core.somaxconn=4096 | sysctl -w fs.nr_open=2000000");
		assert_lines(fix, "sysctl.d", rows[i].sysctl_d);
		assert_lines(fix, rows[i].dialect, rows[i].lines);
		if (strcmp(rows[i].text, "x") == 0)
			assert_string_equal(ta_json_text(fix, "text"), "x");
		else
			assert_non_null(strstr(ta_json_text(fix, "text"), rows[i].text));
	}
}

#define DB                                                                                         \
	"[{\"kind\": \"container\", \"name\": \"db\", \"pid\": 42, "                               \
	"\"sysctl\": {\"net.core.somaxconn\": 128}, \"container\": {\"engine\": \"docker\"}}]"

static void what_is_the_hosts_stays_plain(void **state)
{
	json_auto_t *fix =
		fixed_in("6.18.2", DB, "{\"settings\": {" MAX ", " OPEN "}, \"text\": \"\"}");

	(void)state;
	assert_lines(fix, "shell", ENTERS " | sysctl -w fs.nr_open=2000000");
	assert_lines(fix, "sysctl.d", "# /etc/sysctl.d/90-tcpadvise.conf | fs.nr_open = 2000000");
	assert_lines(fix, "docker", "docker run --sysctl net.core.somaxconn=4096 ...");
	assert_null(strstr(ta_json_text(fix, "text"), "nr_open"));
}

/* Before Linux 4.11 tcp_max_syn_backlog was one number for the host. */
static void on_an_old_kernel_a_key_may_be_the_hosts(void **state)
{
	static const char fix[] = "{\"settings\": {\"net.ipv4.tcp_max_syn_backlog\": \"4096\"}}";
	json_auto_t *old = fixed_in("4.10.0", DB, fix), *new = fixed_in("4.11.0", DB, fix);

	(void)state;
	assert_lines(old, "shell", "sysctl -w net.ipv4.tcp_max_syn_backlog=4096");
	assert_lines(old, "docker", "");
	assert_lines(new, "shell",
		     "nsenter --target 42 --net sysctl -w net.ipv4.tcp_max_syn_backlog=4096");
}

static void the_way_back_leads_there_too(void **state)
{
	json_auto_t *fix = fixed_in("6.18.2", DB, "{\"settings\": {" MAX "}}");
	json_auto_t *range = fixed_in(
		"6.18.2", DB, "{\"settings\": {\"net.ipv4.ip_local_port_range\": \"1 2\"}}");

	(void)state;
	assert_string_equal(ta_json_text(fix, "revert"),
			    "nsenter --target 42 --net sysctl -w net.core.somaxconn=128");
	assert_null(json_object_get(range, "revert")); /* the present value is not known */
	assert_lines(range, "shell",
		     "nsenter --target 42 --net sysctl -w 'net.ipv4.ip_local_port_range=1 2'");
}

static void a_look_is_taken_there(void **state)
{
	static const struct {
		const char *line, *there;
	} rows[] = {
		{ "ss -tan", "nsenter --target 42 --net ss -tan" },
		{ "sudo ss -tanp | grep -o x",
		  "sudo nsenter --target 42 --net ss -tanp | grep -o x" },
		{ "ss -tan | awk '{ a; b }'",
		  "nsenter --target 42 --net ss -tan | awk '{ a; b }'" },
		{ "cat /proc/net/sockstat; sleep 1",
		  "nsenter --target 42 --net sh -c 'cat /proc/net/sockstat; sleep 1'" },
		{ "sh -c 'echo > /proc/sys/net/ipv4/x'",
		  "nsenter --target 42 --net sh -c 'echo > /proc/sys/net/ipv4/x'" },
		{ "sssd restart", "sssd restart" },
		{ "cat /proc/pressure/cpu", "cat /proc/pressure/cpu" },
		{ "jstack 42", "jstack 42" },
		{ "ss -a 'x'; ss -b", "ss -a 'x'; ss -b" }, /* no way to quote it: as it was */
	};
	json_auto_t *prose = fixed_in("6.18.2", DB,
				      "{\"verify\": \"ss -ltn shows it.\", "
				      "\"revert\": \"systemctl edit x; systemctl restart x\"}");

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		json_auto_t *given = json_pack("{s:{s:[s]}}", "commands", "shell", rows[i].line);
		ta_auto_free char *text = json_dumps(given, 0);
		json_auto_t *fix = fixed_in("6.18.2", DB, text);
		json_auto_t *here = fixed_in("6.18.2", "[{\"name\": \"host\"}]", text);

		assert_lines(fix, "shell", rows[i].there);
		assert_lines(here, "shell", rows[i].line);
	}
	assert_string_equal(ta_json_text(prose, "verify"),
			    "nsenter --target 42 --net ss -ltn shows it.");
	assert_string_equal(ta_json_text(prose, "revert"), "systemctl edit x; systemctl restart x");
}

static void a_process_is_where_its_namespace_is(void **state)
{
	json_auto_t *snapshot = host_with(
		"6.18.2", "[{\"kind\": \"host\", \"inode\": 1, \"name\": \"host\"}, "
			  "{\"kind\": \"pod\", \"inode\": 2, \"name\": \"p\", \"pid\": 42}]");
	json_auto_t *here = parse("{\"netns\": 1}"), *there = parse("{\"netns\": 2}"),
		    *nowhere = parse("{}");
	struct ta_site site;

	(void)state;
	ta_site_find(snapshot, NULL, there, &site);
	assert_true(site.elsewhere);
	assert_string_equal(site.enter, "nsenter --target 42 --net ");
	ta_site_find(snapshot, NULL, here, &site);
	assert_false(site.elsewhere);
	ta_site_find(snapshot, NULL, nowhere, &site);
	assert_null(site.ns);
	ta_site_find(snapshot, NULL, NULL, &site);
	assert_false(site.elsewhere);
	assert_string_equal(site.enter, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sysctl_is_set_where_it_is),
		cmocka_unit_test(a_reader_in_a_container_is_told_of_its_engine),
		cmocka_unit_test(what_is_the_hosts_stays_plain),
		cmocka_unit_test(on_an_old_kernel_a_key_may_be_the_hosts),
		cmocka_unit_test(the_way_back_leads_there_too),
		cmocka_unit_test(a_look_is_taken_there),
		cmocka_unit_test(a_process_is_where_its_namespace_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
