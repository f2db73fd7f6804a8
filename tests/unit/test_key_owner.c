/* Unit tests of src/snapshot/key_owner.c: who sets a tunable after our file has, and which line
 * sets it today. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "snapshot/key_owner.h"

#define ROW(file, line, value, more)                                                               \
	"{'key':'net.core.somaxconn','file':'" file "','line':" #line ",'value':'" value           \
	"','wins':true" more "}"
#define LOST(why)   ",'wins':false,'loses':'" why "'"
#define HOST(more)  "{'host':{'sysctl_reader':'systemd'" more "},'settings':["
#define TUNED(more) ",'tuned':{'profile':'p'" more "}"
#define TUNED_KEY(more)                                                                            \
	",'sysctl':[{'key':'net.core.somaxconn','file':'/t','line':3,'value':'9'" more "}]"
#define OFF ",'reapplies_sysctl':false,'sets_sysctl':true"
#define ON  ",'reapplies_sysctl':true,'sets_sysctl':true"
#define MANAGER(raises)                                                                            \
	",'managers':[{'name':'bpftune','pid':7,'keys':['net.core.somaxconn'],'raises':[" raises   \
	"]}]"

static const struct {
	const char *what, *snapshot;
	const char *owner; /* the sentence; NULL: nobody */
	const char *only;
	enum ta_key_owner_kind kind;
} owners[] = {
	{ "nothing is known", "{}", NULL, NULL, TA_KEY_OF_FILE },
	{ "an earlier name", HOST("") ROW("/usr/lib/sysctl.d/50-a.conf", 1, "5", "") "]}", NULL,
	  NULL, TA_KEY_OF_FILE },
	{ "ours", HOST("") ROW("/etc/sysctl.d/90-tcpadvise.conf", 1, "5", "") "]}", NULL, NULL,
	  TA_KEY_OF_FILE },
	{ "a later name, in whatever folder",
	  HOST("") ROW("/usr/lib/sysctl.d/95-a.conf", 4, "5", "") "]}",
	  "/usr/lib/sysctl.d/95-a.conf, line 4, sets net.core.somaxconn to 5 and is applied after "
	  "/etc/sysctl.d/90-tcpadvise.conf",
	  NULL, TA_KEY_OF_FILE },
	{ "of several the last, and who writes it",
	  HOST("") ROW("/etc/sysctl.d/95-a.conf", 4, "5",
		       "") "," ROW("/etc/sysctl.d/99-b.conf", 2, "6", ",'owner':'Ansible'") "]}",
	  "/etc/sysctl.d/99-b.conf, line 2 (Ansible writes it), sets net.core.somaxconn to 6 and "
	  "is "
	  "applied after /etc/sysctl.d/90-tcpadvise.conf",
	  NULL, TA_KEY_OF_FILE },
	{ "a masked file",
	  HOST("") ROW("/run/sysctl.d/95-a.conf", 4, "5", LOST("file_masked")) "]}", NULL, NULL,
	  TA_KEY_OF_FILE },
	{ "a line that loses to a later one still wins over ours",
	  HOST("") ROW("/etc/sysctl.d/95-a.conf", 4, "5", LOST("overridden")) "]}",
	  "/etc/sysctl.d/95-a.conf, line 4, sets net.core.somaxconn to 5 and is applied after "
	  "/etc/sysctl.d/90-tcpadvise.conf",
	  NULL, TA_KEY_OF_FILE },
	{ "a line that takes it back",
	  HOST("") ROW(
		  "/etc/sysctl.d/10-a.conf", 4, "5",
		  LOST("excluded") ",'loses_to':'/etc/sysctl.d/95-b.conf','loses_to_line':2") "]"
											      "}",
	  "/etc/sysctl.d/95-b.conf, line 2, is applied after /etc/sysctl.d/90-tcpadvise.conf and "
	  "sets net.core.somaxconn or takes it back",
	  NULL, TA_KEY_OF_FILE },
	{ "/etc/sysctl.conf, which systemd does not read",
	  HOST("") ROW("/etc/sysctl.conf", 4, "5", LOST("file_not_read")) "]}", NULL, NULL,
	  TA_KEY_OF_FILE },
	{ "/etc/sysctl.conf, which TuneD applies",
	  HOST(TUNED(ON)) ROW("/etc/sysctl.conf", 4, "5", LOST("file_not_read")) "]}",
	  "/etc/sysctl.conf, line 4, sets net.core.somaxconn to 5 and is applied after "
	  "/etc/sysctl.d/90-tcpadvise.conf",
	  NULL, TA_KEY_OF_FILE },
	{ "/etc/sysctl.conf, which a TuneD without a section of sysctl does not apply",
	  HOST(TUNED(",'reapplies_sysctl':true,'sets_sysctl':false"))
		  ROW("/etc/sysctl.conf", 4, "5", LOST("file_not_read")) "]}",
	  NULL, NULL, TA_KEY_OF_FILE },
	{ "/etc/sysctl.conf, which procps reads as the last",
	  "{'host':{'sysctl_reader':'procps'},'settings':[" ROW("/etc/sysctl.conf", 4, "5",
								"") "]}",
	  "/etc/sysctl.conf, line 4, sets net.core.somaxconn to 5 and is applied after "
	  "/etc/sysctl.d/90-tcpadvise.conf",
	  NULL, TA_KEY_OF_FILE },
	{ "files that nobody reads",
	  "{'host':{'sysctl_reader':'none'},'settings':[" ROW("/etc/sysctl.d/95-a.conf", 4, "5",
							      "") "]}",
	  NULL, NULL, TA_KEY_OF_FILE },
	{ "a line with wildcards leaves alone what another names",
	  HOST("") "{'key':'net.core.*','file':'/etc/sysctl.d/99-a.conf','line':1,'value':'1',"
		   "'wins':true,'glob':true}]}",
	  NULL, NULL, TA_KEY_OF_FILE },
	{ "TuneD, which lets the files win", HOST(TUNED(ON TUNED_KEY(""))) "]}", NULL, NULL,
	  TA_KEY_OF_TUNED },
	{ "TuneD, which does not", HOST(TUNED(OFF TUNED_KEY(""))) "]}",
	  "TuneD (profile p) sets net.core.somaxconn to 9 by /t, line 3, when it starts, and does "
	  "not apply the files of sysctl.d after that",
	  NULL, TA_KEY_OF_TUNED },
	{ "TuneD, which only raises", HOST(TUNED(OFF TUNED_KEY(",'only':'raise'"))) "]}",
	  "TuneD (profile p) raises net.core.somaxconn to 9 by /t, line 3, when it starts, and "
	  "does "
	  "not apply the files of sysctl.d after that",
	  "raise", TA_KEY_OF_TUNED },
	{ "a file that sets comes before a TuneD that only raises",
	  HOST(TUNED(OFF TUNED_KEY(",'only':'raise'")))
		  ROW("/etc/sysctl.d/95-a.conf", 4, "5", "") "]}",
	  "/etc/sysctl.d/95-a.conf, line 4, sets net.core.somaxconn to 5 and is applied after "
	  "/etc/sysctl.d/90-tcpadvise.conf",
	  NULL, TA_KEY_OF_FILE },
	{ "a TuneD that sets comes before a file",
	  HOST(TUNED(OFF TUNED_KEY(""))) ROW("/etc/sysctl.d/95-a.conf", 4, "5", "") "]}",
	  "TuneD (profile p) sets net.core.somaxconn to 9 by /t, line 3, when it starts, and does "
	  "not apply the files of sysctl.d after that",
	  NULL, TA_KEY_OF_TUNED },
	{ "a program", HOST(MANAGER("")) "]}",
	  "bpftune (process 7) runs and sets net.core.somaxconn by its own configuration", NULL,
	  TA_KEY_OF_PROGRAM },
	{ "a program that only raises", HOST(MANAGER("'net.core.somaxconn'")) "]}",
	  "bpftune (process 7) runs and raises net.core.somaxconn by its own configuration",
	  "raise", TA_KEY_OF_PROGRAM },
};

/* With ' for ", so that it can be read. */
static json_t *parse(const char *text)
{
	char buf[4096];
	json_t *json;
	size_t i;

	for (i = 0; text[i]; i++)
		buf[i] = text[i] == '\'' ? '"' : text[i];
	buf[i] = '\0';
	json = json_loads(buf, 0, NULL); /* of two members of a name the later counts */
	if (!json)
		fail_msg("%s", text);
	return json;
}

static void owners_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(owners); i++) {
		json_t *snapshot = parse(owners[i].snapshot);
		struct ta_key_owner owner;

		if (!ta_setting_owner_of(snapshot, "net.core.somaxconn", &owner)) {
			if (owners[i].owner)
				fail_msg("%s: nobody", owners[i].what);
		} else if (!owners[i].owner || strcmp(owner.sentence, owners[i].owner) != 0) {
			fail_msg("%s: %s", owners[i].what, owner.sentence);
		} else {
			assert_int_equal(owner.kind, owners[i].kind);
			assert_string_equal(owner.only ? owner.only : "",
					    owners[i].only ? owners[i].only : "");
		}
		assert_false(ta_setting_owner_of(snapshot, "net.core.rmem_max", &owner));
		json_decref(snapshot);
	}
}

/* net.nf_conntrack_max is the same tunable. */
static void another_name_is_the_same(void **state)
{
	json_t *snapshot = parse("{'settings':[{'key':'net.nf_conntrack_max','wins':true,"
				 "'file':'/etc/sysctl.d/99-a.conf','line':7,'value':'5'}]}");
	struct ta_key_owner owner;

	(void)state;
	assert_true(ta_setting_owner_of(snapshot, "net.netfilter.nf_conntrack_max", &owner));
	assert_int_equal(owner.line, 7);
	assert_string_equal(owner.value, "5");
	assert_non_null(ta_setting_today(snapshot, "net.netfilter.nf_conntrack_max"));
	json_decref(snapshot);
}

static void the_line_of_today_is_found(void **state)
{
	static const struct {
		const char *key;
		int line; /* 0: none */
	} cases[] = {
		{ "net.ipv4.conf.eth0.rp_filter", 3 },   /* by its name */
		{ "net.ipv4.conf.eth1.rp_filter", 4 },   /* by the last with wildcards */
		{ "net.ipv4.conf.eth0/1.rp_filter", 4 }, /* an interface "eth0.1" */
		{ "net.ipv4.conf.lo.forwarding", 0 },
	};
	json_t *snapshot =
		parse("{'settings':["
		      "{'key':'net.ipv4.conf.*.rp_filter','glob':true,'wins':true,'line':1},"
		      "{'key':'net.ipv4.conf.eth0.rp_filter','wins':false,'line':2},"
		      "{'key':'net.ipv4.conf.eth0.rp_filter','wins':true,'line':3},"
		      "{'key':'net.ipv4.conf.*.rp_*','glob':true,'wins':true,'line':4},"
		      "{'key':'net.ipv4.*.forwarding','glob':true,'wins':true,'line':5}]}");

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		const json_t *row = ta_setting_today(snapshot, cases[i].key);

		if (json_integer_value(json_object_get(row, "line")) != cases[i].line)
			fail_msg("%s", cases[i].key);
	}
	json_decref(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_are_found),
		cmocka_unit_test(another_name_is_the_same),
		cmocka_unit_test(the_line_of_today_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
