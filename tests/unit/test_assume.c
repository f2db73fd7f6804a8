/* Unit tests of src/advice/assume.c: how an assumption is written, and what follows of it in a
 * snapshot. In the texts ' stands for ". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "tcpadvise/advice.h"

static json_t *parse(const char *text)
{
	ta_auto(ta_buf_done) struct ta_buf json = TA_BUF_INIT(1 << 16);
	json_t *parsed;

	for (; *text; text++)
		ta_buf_char(&json, *text == '\'' ? '"' : *text);
	parsed = json_loadb(json.data, json.len, JSON_DECODE_ANY, NULL);
	if (!parsed)
		fail_msg("%s is no JSON", json.data);
	return parsed;
}

/* What "namespaces/0/ports/usable" names, or NULL. */
static const json_t *look_up(const json_t *json, const char *path)
{
	char copy[128], *rest = NULL;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *word = strtok_r(copy, "/", &rest); json && word;
	     word = strtok_r(NULL, "/", &rest))
		json = json_is_array(json) ? json_array_get(json, strtoul(word, NULL, 10))
					   : json_object_get(json, word);
	return json;
}

/* ---- what is written ----------------------------------------------------------------- */

static void what_is_no_assumption_is_told(void **state)
{
	static const char *const texts[] = {
		"",
		"=",
		"=1",
		"net.core.somaxconn",
		"a=",
		"a@=1",
		"@=1",
		"@blue=1",
		"a@blue",
		"a@blue=",
		"\xff=1",
		"net.core.\xc3=1",
		"a=\xed\xa0\x80",
		"=a@b",
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(texts); i++) {
		struct ta_error err = TA_ERROR_INIT;
		json_t *assumption = NULL;

		if (ta_assumption_parse(texts[i], &assumption, &err))
			fail_msg("'%s' was taken", texts[i]);
		assert_int_equal(err.code, TA_E_USAGE);
		assert_null(assumption);
	}
}

static void the_first_signs_count(void **state)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{ "a=1", "{'key':'a','value':'1'}" },
		{ "a=1 2 3", "{'key':'a','value':'1 2 3'}" },
		{ "a@b=1", "{'key':'a','value':'1','at':'b'}" },
		{ "a@b@c=1", "{'key':'a','value':'1','at':'b@c'}" },
		{ "a=b@c=d", "{'key':'a','value':'b@c=d'}" },
		{ "nofile@my prog=8:9", "{'key':'nofile','value':'8:9','at':'my prog'}" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		struct ta_error err = TA_ERROR_INIT;
		json_auto_t *wanted = parse(rows[i].json), *assumption = NULL;

		assert_true(ta_assumption_parse(rows[i].text, &assumption, &err));
		if (!json_equal(assumption, wanted))
			fail_msg("%s", rows[i].text);
	}
}

/* ---- what follows -------------------------------------------------------------------- */

static json_t *list_of(const char *text)
{
	struct ta_error err = TA_ERROR_INIT;
	json_t *list = json_array(), *assumption = NULL;
	char copy[128], *rest = NULL;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok_r(copy, "|", &rest); word; word = strtok_r(NULL, "|", &rest)) {
		if (!ta_assumption_parse(word, &assumption, &err))
			fail_msg("%s", err.text);
		json_array_append_new(list, assumption);
	}
	return list;
}

#define HOST       "'host':{'sysctl':{'fs.file-max':1000,'fs.nr_open':1048576}}"
#define NS(more)   "{'namespaces':[{'name':'current'," more "}]}"
#define SYSCTL(kv) "'sysctl':{" kv "}"
#define RANGE      "'net.ipv4.ip_local_port_range':[40000,40199],'net.ipv4.ip_local_reserved_ports':''"
#define PORTS      "'ports':{'low':40000,'high':40199,'total':200,'reserved':0,'blocked':5,'usable':195}"
#define USABLE     "'destinations':[{'remote':'a','ports_used':9,'ports_usable':195},{'remote':'b'}]"
#define TWO_NAMESPACES                                                                             \
	"{'namespaces':[{'name':'current','sysctl':{'net.ipv4.tcp_tw_reuse':2}},"                  \
	"{'name':'blue','sysctl':{'net.ipv4.tcp_tw_reuse':0}}]}"
#define CONNTRACK                                                                                  \
	"{'host':{'sysctl':{'net.netfilter.nf_conntrack_max':64}},'namespaces':["                  \
	"{'name':'current','sysctl':{'net.netfilter.nf_conntrack_max':64,"                         \
	"'net.netfilter.nf_conntrack_buckets':16},'conntrack':{'count':60,'max':64,'buckets':16}}" \
	","                                                                                        \
	"{'name':'b','conntrack':{'count':1,'max':64}},{'name':'c'}]}"
#define LISTENERS                                                                                  \
	NS(SYSCTL("'net.core.somaxconn':128") ",'listeners':[{'backlog':128,'backlog_asked':511}," \
					      "{'backlog':128},{'backlog':20},{'port':80}]")
#define ORPHANS(more) NS(SYSCTL("'net.ipv4.tcp_fin_timeout':60") ",'sockets':{" more "}")
#define PROCESSES                                                                                  \
	"{'processes':[{'pid':7,'name':'nginx','nofile_soft':1024,'nofile_hard':4096},"            \
	"{'pid':8,'name':'nginx'},{'pid':9,'name':'10','nproc_soft':50,'pids_max':9}]}"

static const struct {
	const char *what, *snapshot, *assumptions;
	const char *path, *then; /* then: "" for nothing there */
} consequences[] = {
	{ "the setting", TWO_NAMESPACES, "net.ipv4.tcp_tw_reuse=1",
	  "namespaces/0/sysctl/net.ipv4.tcp_tw_reuse", "1" },
	{ "it is everywhere", TWO_NAMESPACES, "net.ipv4.tcp_tw_reuse=1",
	  "namespaces/1/sysctl/net.ipv4.tcp_tw_reuse", "1" },
	{ "of one namespace", TWO_NAMESPACES, "net.ipv4.tcp_tw_reuse@blue=1",
	  "namespaces/1/sysctl/net.ipv4.tcp_tw_reuse", "1" },
	{ "and no other", TWO_NAMESPACES, "net.ipv4.tcp_tw_reuse@blue=1",
	  "namespaces/0/sysctl/net.ipv4.tcp_tw_reuse", "2" },
	{ "the last one counts", TWO_NAMESPACES,
	  "net.ipv4.tcp_tw_reuse=1|net.ipv4.tcp_tw_reuse@current=0",
	  "namespaces/0/sysctl/net.ipv4.tcp_tw_reuse", "0" },
	{ "a path is a key, too", TWO_NAMESPACES, "net/ipv4/tcp_tw_reuse=1",
	  "namespaces/0/sysctl/net.ipv4.tcp_tw_reuse", "1" },

	{ "files of the host", "{" HOST ",'files':{'allocated':5,'max':1000}}", "fs.file-max=2000",
	  "files/max", "2000" },
	{ "where the tunables are not known", "{'host':{},'files':{'max':1000}}",
	  "fs.file-max=2000", "files/max", "2000" },
	{ "files that nobody knows", "{" HOST ",'files':{'allocated':5}}", "fs.file-max=2000",
	  "files/max", "" },
	{ "no files", "{" HOST "}", "fs.file-max=2000", "files", "" },
	{ "descriptors of a process", "{" HOST ",'files':{'nr_open':1048576}}",
	  "fs.nr_open=2097152", "files/nr_open", "2097152" },

	{ "the table", CONNTRACK, "net.netfilter.nf_conntrack_max=128",
	  "namespaces/0/conntrack/max", "128" },
	{ "by its old name", CONNTRACK, "net.nf_conntrack_max=128", "namespaces/0/conntrack/max",
	  "128" },
	{ "the table of another namespace", CONNTRACK, "net.netfilter.nf_conntrack_max=128",
	  "namespaces/1/conntrack/max", "128" },
	{ "no table", CONNTRACK, "net.netfilter.nf_conntrack_max=128", "namespaces/2/conntrack",
	  "" },
	{ "the setting that each shows", CONNTRACK, "net.netfilter.nf_conntrack_max=128",
	  "namespaces/0/sysctl/net.netfilter.nf_conntrack_max", "128" },
	{ "what is in it stays", CONNTRACK, "net.netfilter.nf_conntrack_max=128",
	  "namespaces/0/conntrack/count", "60" },
	{ "its chains", CONNTRACK, "net.netfilter.nf_conntrack_buckets=32",
	  "namespaces/0/conntrack/buckets", "32" },

	{ "what a program asked for", LISTENERS, "net.core.somaxconn=4096",
	  "namespaces/0/listeners/0/backlog", "511" },
	{ "as far as it goes", LISTENERS, "net.core.somaxconn=256",
	  "namespaces/0/listeners/0/backlog", "256" },
	{ "cut, and nobody knows what it asked", LISTENERS, "net.core.somaxconn=4096",
	  "namespaces/0/listeners/1/backlog", "4096" },
	{ "not cut", LISTENERS, "net.core.somaxconn=4096", "namespaces/0/listeners/2/backlog",
	  "20" },
	{ "cut by the new one", LISTENERS, "net.core.somaxconn=10",
	  "namespaces/0/listeners/2/backlog", "10" },
	{ "a queue that nobody knows", LISTENERS, "net.core.somaxconn=4096",
	  "namespaces/0/listeners/3/backlog", "" },

	{ "orphans come at the same rate", ORPHANS("'fin_wait2_orphan':90,'fin_wait2':100"),
	  "net.ipv4.tcp_fin_timeout=30", "namespaces/0/sockets/fin_wait2_orphan", "45" },
	{ "those of programs stay", ORPHANS("'fin_wait2_orphan':90,'fin_wait2':100"),
	  "net.ipv4.tcp_fin_timeout=30", "namespaces/0/sockets/fin_wait2", "55" },
	{ "it grows, too", ORPHANS("'fin_wait2_orphan':90,'fin_wait2':100"),
	  "net.ipv4.tcp_fin_timeout=120", "namespaces/0/sockets/fin_wait2_orphan", "180" },
	{ "orphans that nobody counted", ORPHANS("'fin_wait2':100"), "net.ipv4.tcp_fin_timeout=30",
	  "namespaces/0/sockets/fin_wait2_orphan", "" },
	{ "none", ORPHANS("'fin_wait2_orphan':0,'fin_wait2':3"), "net.ipv4.tcp_fin_timeout=30",
	  "namespaces/0/sockets/fin_wait2", "3" },
	{ "more than can be reckoned",
	  ORPHANS("'fin_wait2_orphan':9223372036854775807,'fin_wait2':1"),
	  "net.ipv4.tcp_fin_timeout=30", "namespaces/0/sockets/fin_wait2_orphan",
	  "9223372036854775807" },

	{ "ports, those that are bound left out", NS(SYSCTL(RANGE) "," PORTS),
	  "net.ipv4.ip_local_port_range=32768 60999", "namespaces/0/ports/usable", "28227" },
	{ "of a destination", NS(SYSCTL(RANGE) "," PORTS "," USABLE),
	  "net.ipv4.ip_local_port_range=32768 60999", "namespaces/0/destinations/0/ports_usable",
	  "28227" },
	{ "not of one that has no number", NS(SYSCTL(RANGE) "," PORTS "," USABLE),
	  "net.ipv4.ip_local_port_range=32768 60999", "namespaces/0/destinations/1/ports_usable",
	  "" },
	{ "a listener in the new range",
	  NS(SYSCTL(RANGE) "," PORTS ",'listeners':[{'port':50000},{'port':80}]"),
	  "net.ipv4.ip_local_port_range=32768 60999", "namespaces/0/ports/usable", "28226" },
	{ "reserved ports", NS(SYSCTL(RANGE) "," PORTS),
	  "net.ipv4.ip_local_reserved_ports=40000-40099", "namespaces/0/ports/usable", "95" },
	{ "less than what is bound", NS(SYSCTL(RANGE) "," PORTS),
	  "net.ipv4.ip_local_port_range=40000 40001", "namespaces/0/ports/usable", "0" },
	{ "no ports", NS(SYSCTL(RANGE)), "net.ipv4.ip_local_port_range=32768 60999",
	  "namespaces/0/ports", "" },

	{ "a limit of all", PROCESSES, "nofile=65536", "processes/0/nofile_hard", "65536" },
	{ "also where there was none", PROCESSES, "nofile=65536", "processes/1/nofile_soft",
	  "65536" },
	{ "soft and hard", PROCESSES, "nofile@nginx=8192:65536", "processes/0/nofile_soft",
	  "8192" },
	{ "hard", PROCESSES, "nofile@nginx=8192:65536", "processes/0/nofile_hard", "65536" },
	{ "the hard one stays", PROCESSES, "nofile@nginx=2000:", "processes/0/nofile_hard",
	  "4096" },
	{ "the hard one is enough", PROCESSES, "nofile@nginx=8192:", "processes/0/nofile_hard",
	  "8192" },
	{ "not of another name", PROCESSES, "nofile@nginx=8192:65536", "processes/2/nofile_soft",
	  "" },
	{ "by number", PROCESSES, "nofile@8=100", "processes/1/nofile_soft", "100" },
	{ "by number only", PROCESSES, "nofile@8=100", "processes/0/nofile_soft", "1024" },
	{ "tasks", PROCESSES, "nproc@9=100", "processes/2/nproc_soft", "100" },
	{ "tasks of the group", PROCESSES, "pids_max@9=100", "processes/2/pids_max", "100" },
};

static void what_follows_is_replaced(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(consequences); i++) {
		json_auto_t *snapshot = parse(consequences[i].snapshot), *assumed = NULL;
		json_auto_t *given = json_deep_copy(snapshot);
		json_auto_t *assumptions = list_of(consequences[i].assumptions);
		json_auto_t *then = *consequences[i].then ? parse(consequences[i].then) : NULL;
		struct ta_error err = TA_ERROR_INIT;
		const json_t *found;

		if (!ta_assume(snapshot, assumptions, &assumed, &err))
			fail_msg("%s: %s", consequences[i].what, err.text);
		assert_true(json_equal(snapshot, given));
		found = look_up(assumed, consequences[i].path);
		if (then ? !json_equal(found, then) : found != NULL)
			fail_msg("%s: %s is %s, not %s", consequences[i].what, consequences[i].path,
				 found ? json_dumps(found, JSON_ENCODE_ANY) : "not there",
				 consequences[i].then);
	}
}

static void the_present_value_is_told(void **state)
{
	static const struct {
		const char *snapshot, *assumption, *was; /* was: NULL for nothing */
	} rows[] = {
		{ TWO_NAMESPACES, "net.ipv4.tcp_tw_reuse@blue=1", "0" },
		{ TWO_NAMESPACES, "net.ipv4.tcp_timestamps=1", NULL },
		{ NS(SYSCTL(RANGE)), "net.ipv4.ip_local_port_range=32768 60999", "40000 40199" },
		{ PROCESSES, "nofile@7=65536", "1024" },
		{ PROCESSES, "nofile@8=65536", NULL },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		json_auto_t *snapshot = parse(rows[i].snapshot), *assumed = NULL;
		json_auto_t *assumptions = list_of(rows[i].assumption);
		struct ta_error err = TA_ERROR_INIT;
		const char *was;

		assert_true(ta_assume(snapshot, assumptions, &assumed, &err));
		was = ta_json_string(json_array_get(assumptions, 0), "was");
		if (rows[i].was ? !was || strcmp(was, rows[i].was) != 0 : was != NULL)
			fail_msg("%s: was %s", rows[i].assumption, was ? was : "nothing");
	}
}

static void a_key_gets_its_own_name(void **state)
{
	json_auto_t *snapshot = parse(TWO_NAMESPACES), *assumed = NULL;
	json_auto_t *assumptions = list_of("net/ipv4/tcp_tw_reuse=1|net.nf_conntrack_max=9");
	struct ta_error err = TA_ERROR_INIT;

	(void)state;
	assert_true(ta_assume(snapshot, assumptions, &assumed, &err));
	assert_string_equal(ta_json_text(json_array_get(assumptions, 0), "key"),
			    "net.ipv4.tcp_tw_reuse");
	assert_string_equal(ta_json_text(json_array_get(assumptions, 1), "key"),
			    "net.netfilter.nf_conntrack_max");
}

/* ---- mistakes ------------------------------------------------------------------------ */

static void what_cannot_be_is_told(void **state)
{
	static const struct {
		const char *snapshot, *assumption, *text;
	} rows[] = {
		{ TWO_NAMESPACES, "net.ipv4.tcp_tw_resue=1",
		  "did you mean 'net.ipv4.tcp_tw_reuse'?" },
		{ TWO_NAMESPACES, "nofiles=1", "did you mean 'nofile'?" },
		{ TWO_NAMESPACES, "x=1", "'x' is no sysctl of the catalogue and no limit" },
		{ TWO_NAMESPACES, "net.ipv4.tcp_tw_reuse@red=1",
		  "there is no network namespace 'red'" },
		{ TWO_NAMESPACES, "net.ipv4.tcp_tw_reuse=3", "takes no value above 2" },
		{ TWO_NAMESPACES, "net.ipv4.tcp_tw_reuse=-1", "takes no value below 0" },
		{ TWO_NAMESPACES, "net.ipv4.tcp_tw_reuse=often", "tcp_tw_reuse" },
		{ TWO_NAMESPACES, "net.ipv4.tcp_tw_reuse=99999999999999999999", "tcp_tw_reuse" },
		{ NS(SYSCTL(RANGE)), "net.ipv4.ip_local_port_range=60999 32768", "go up" },
		{ NS(SYSCTL(RANGE)), "net.ipv4.ip_local_port_range=32768", "numbers" },
		{ NS(SYSCTL("'net.ipv4.ip_unprivileged_port_start':1024")),
		  "net.ipv4.ip_local_port_range=1000 60999", "must not begin below" },
		{ "{" HOST "}", "fs.nr_open@blue=1048576", "it is the host's" },
		{ "{" HOST "}", "fs.nr_open=63", "takes no value below 64" },
		{ PROCESSES, "nofile@apache=1", "there is no process 'apache'" },
		{ PROCESSES, "nofile@99=1", "there is no process '99'" },
		{ PROCESSES, "nofile=much", "is no limit" },
		{ PROCESSES, "nofile=-1", "is no limit" },
		{ PROCESSES, "nofile=9:8", "is no limit" },
		{ PROCESSES, "nofile=:", "is no limit" },
		{ PROCESSES, "nofile=:8", "is no limit" },
		{ PROCESSES, "nofile=1:2:3", "is no limit" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		json_auto_t *snapshot = parse(rows[i].snapshot), *assumed = NULL;
		json_auto_t *assumptions = list_of(rows[i].assumption);
		struct ta_error err = TA_ERROR_INIT;

		if (ta_assume(snapshot, assumptions, &assumed, &err))
			fail_msg("%s was taken", rows[i].assumption);
		assert_int_equal(err.code, TA_E_USAGE);
		assert_null(assumed);
		if (!strstr(err.text, rows[i].text))
			fail_msg("%s: %s", rows[i].assumption, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_assumption_is_told),
		cmocka_unit_test(the_first_signs_count),
		cmocka_unit_test(what_follows_is_replaced),
		cmocka_unit_test(the_present_value_is_told),
		cmocka_unit_test(a_key_gets_its_own_name),
		cmocka_unit_test(what_cannot_be_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
