/* kernels.c - what is advised on every kernel: each case of each pack's tests is judged once for
 * every release from 3.10 to 6.18, and every setting that a fix then gives is held against the
 * catalogue (does that kernel have the key?) and against the advice that must never be ours.
 *
 * usage: kernels; prints what is wrong and what was looked at, exit 1 when something is. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/resource.h"
#include "base/text.h"
#include "rules/testing.h"
#include "snapshot/release.h"
#include "snapshot/tunables.h"

TA_DEFINE_AUTO(json_t, json_decref)

struct look {
	struct ta_rules *rules;
	int major, minor; /* the kernel at hand */
	uint32_t release;
	const char *rule, *test;
	const json_t *snapshot;
	const char *namespace; /* of the finding at hand, or NULL */
	size_t judged, settings, wrong;
};

static void wrong(struct look *look, const char *key, const char *value, const char *why)
{
	printf("Linux %d.%d, %s (\"%s\"): %s = %s: %s\n", look->major, look->minor, look->rule,
	       look->test, key, value, why);
	look->wrong++;
}

/* ---- the advice that must never be ours -------------------------------------------- */

enum compare {
	NEVER,  /* this value, or all when it is NULL */
	BELOW,  /* less than this */
	LESSER, /* less than the host has now */
};

/* Sources: the verdicts "NO" on the articles' advice, and the kernel's own documentation, which
 * asks not to lower tcp_max_tw_buckets and tcp_max_orphans. */
static const struct {
	const char *key;
	enum compare compare;
	const char *value;
	const char *class_; /* only for rules of this class; NULL: any */
} harmful[] = {
	{ "net.ipv4.tcp_tw_recycle", NEVER, "1", NULL },
	{ "net.ipv4.tcp_timestamps", NEVER, "0", NULL },
	{ "net.ipv4.tcp_sack", NEVER, "0", NULL },
	{ "net.ipv4.tcp_window_scaling", NEVER, "0", NULL },
	{ "net.ipv4.tcp_syncookies", NEVER, "0", NULL },
	{ "net.ipv4.tcp_syncookies", NEVER, "2", NULL },
	{ "net.ipv4.tcp_abort_on_overflow", NEVER, "1", NULL },
	{ "net.ipv4.tcp_moderate_rcvbuf", NEVER, "0", NULL },
	{ "net.ipv4.ip_no_pmtu_disc", NEVER, "1", NULL },
	{ "net.ipv4.tcp_low_latency", NEVER, NULL, NULL },
	{ "net.ipv4.tcp_max_tw_buckets", LESSER, NULL, NULL },
	{ "net.ipv4.tcp_max_orphans", LESSER, NULL, NULL },
	{ "net.core.somaxconn", LESSER, NULL, NULL },
	{ "fs.file-max", LESSER, NULL, NULL },
	{ "fs.nr_open", LESSER, NULL, NULL },
	{ "net.netfilter.nf_conntrack_max", LESSER, NULL, NULL },
	{ "kernel.pid_max", LESSER, NULL, NULL },
	{ "kernel.threads-max", LESSER, NULL, NULL },
	{ "net.ipv4.tcp_fin_timeout", BELOW, "15", NULL },
	{ "net.ipv4.tcp_fin_timeout", NEVER, NULL, "close_wait_leak" },
	{ "net.ipv4.tcp_fin_timeout", NEVER, NULL, "time_wait_harmless" },
	{ "net.ipv4.tcp_fin_timeout", NEVER, NULL, "tw_bucket_overflow" },
	{ "net.ipv4.tcp_fin_timeout", NEVER, NULL, "ephemeral_port_exhaustion" },
	{ "net.ipv4.tcp_tw_reuse", NEVER, NULL, "close_wait_leak" },
	{ "net.ipv4.tcp_tw_reuse", NEVER, NULL, "time_wait_harmless" },
	{ "net.ipv4.tcp_keepalive_time", NEVER, NULL, "close_wait_leak" },
	{ "net.ipv4.tcp_keepalive_time", BELOW, "60", NULL },
	{ "net.ipv4.tcp_syn_retries", BELOW, "4", NULL },
	{ "net.ipv4.tcp_syn_retries", NEVER, NULL, "syn_sent_peer_unreachable" },
	{ "net.ipv4.tcp_retries2", BELOW, "8", NULL },
	{ "net.ipv4.tcp_max_tw_buckets", BELOW, "512", NULL }, /* the default with 128 MB */
	{ "net.netfilter.nf_conntrack_max", NEVER, NULL, "snat_port_exhaustion" },
	{ "fs.file-max", NEVER, NULL, "fd_limit_process" },
};

/* The namespace that the finding at hand is about; the first when it is about none. */
static const json_t *namespace_of(const struct look *look)
{
	const json_t *all = json_object_get(look->snapshot, "namespaces"), *ns;
	size_t i;

	json_array_foreach (all, i, ns)
		if (look->namespace && strcmp(ta_json_text(ns, "name"), look->namespace) == 0)
			return ns;
	return json_array_get(all, 0);
}

/* The value that the host of the case has now, or NULL. */
static const json_t *present(const struct look *look, const char *key)
{
	const json_t *host = json_object_get(look->snapshot, "host");
	const json_t *ns = namespace_of(look);
	const json_t *value = json_object_get(json_object_get(ns, "sysctl"), key);

	if (!value)
		value = json_object_get(json_object_get(host, "sysctl"), key);
	if (!value && strcmp(key, "fs.file-max") == 0)
		value = json_object_get(json_object_get(look->snapshot, "files"), "max");
	return value;
}

static void check_harm(struct look *look, const char *class_, const char *key, const char *value)
{
	long long number = atoll(value);

	for (size_t i = 0; i < TA_ARRAY_SIZE(harmful); i++) {
		const json_t *now = present(look, key);

		if (strcmp(harmful[i].key, key) != 0 ||
		    (harmful[i].class_ && strcmp(harmful[i].class_, class_) != 0))
			continue;
		if (harmful[i].compare == NEVER &&
		    (!harmful[i].value || strcmp(harmful[i].value, value) == 0))
			wrong(look, key, value, "must never be advised here");
		if (harmful[i].compare == BELOW && number < atoll(harmful[i].value))
			wrong(look, key, value, "too low");
		if (harmful[i].compare == LESSER && json_is_integer(now) &&
		    number < json_integer_value(now))
			wrong(look, key, value, "less than it is");
	}
}

/* ---- one setting ------------------------------------------------------------------- */

static bool has_key(const struct look *look, const struct ta_tunable *tunable)
{
	const json_t *facts = ta_tunable_facts(tunable, NULL);
	const char *added = ta_json_string(facts, "added_in");
	const char *removed = ta_json_string(facts, "removed_in");

	return (!added || ta_release_reached(look->release, added) != TA_REACHED_NO) &&
	       (!removed || ta_release_reached(look->release, removed) != TA_REACHED_YES);
}

static void check_setting(struct look *look, const char *class_, const char *key, const char *value)
{
	static const char per_interface[] = "net.ipv4.conf.";
	const struct ta_tunable *tunable = ta_tunable_find(key);

	look->settings++;
	if (strncmp(key, per_interface, strlen(per_interface)) == 0)
		return; /* as old as sysctl; one file an interface, so not in the catalogue */
	if (!tunable || tunable->scope == TA_TUNABLE_NONE)
		wrong(look, key, value, "no such sysctl");
	else if (!has_key(look, tunable))
		wrong(look, key, value, "this kernel does not have it");
	if (strcmp(key, "net.ipv4.tcp_tw_reuse") == 0 && strcmp(value, "2") == 0 &&
	    look->release < 4019000)
		wrong(look, key, value, "this kernel takes it for 1");
	check_harm(look, class_, key, value);
}

/* "sysctl -w key=value", with or without quotes, anywhere in a line. */
static void check_line(struct look *look, const char *class_, const char *line)
{
	static const char word[] = "sysctl -w ";
	const char *at = line;

	while ((at = strstr(at, word))) {
		char key[128], value[128];
		int n = 0;

		at += strlen(word);
		at += *at == '\'';
		if (sscanf(at, "%127[^= ]=%127[^';\n]%n", key, value, &n) == 2)
			check_setting(look, class_, key, value);
		at += n;
	}
}

static void check_finding(struct look *look, const json_t *finding)
{
	const char *class_ = ta_json_text(finding, "class"), *key;
	size_t i, k;
	json_t *fix, *value, *lines, *line;

	look->namespace = ta_json_string(json_object_get(finding, "scope"), "namespace");
	json_array_foreach (json_object_get(finding, "fixes"), i, fix) {
		json_object_foreach (json_object_get(fix, "settings"), key, value)
			check_setting(look, class_, key, json_string_value(value));
		json_object_foreach (json_object_get(fix, "commands"), key, lines)
			json_array_foreach (lines, k, line)
				check_line(look, class_, json_string_value(line));
	}
}

/* ---- every case on every kernel ---------------------------------------------------- */

static void drop_keys(const struct look *look, json_t *sysctl)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe (sysctl, next, key, value) {
		const struct ta_tunable *tunable = ta_tunable_find(key);

		if (tunable && !has_key(look, tunable))
			json_object_del(sysctl, key);
	}
}

/* Makes the snapshot one of this kernel: its number, and no key that it does not have. */
static void set_kernel(const struct look *look, json_t *snapshot)
{
	json_t *host = json_object_get(snapshot, "host"), *ns;
	size_t i;

	if (host)
		json_object_set_new(host, "kernel",
				    json_pack("{s:o, s:i, s:i, s:i}", "release",
					      json_sprintf("%d.%d.0", look->major, look->minor),
					      "number", look->major * 100 + look->minor, "major",
					      look->major, "minor", look->minor));
	drop_keys(look, json_object_get(host, "sysctl"));
	json_array_foreach (json_object_get(snapshot, "namespaces"), i, ns)
		drop_keys(look, json_object_get(ns, "sysctl"));
}

static void judge(struct look *look, const json_t *base, const json_t *test)
{
	const char *only[] = { look->rule, NULL };
	struct ta_evaluate_options options = { .only = only };
	ta_auto(json_decref_p) json_t *snapshot =
		ta_test_snapshot(base, json_object_get(test, "patch"));
	ta_auto(json_decref_p) json_t *report = NULL;
	struct ta_error err = TA_ERROR_INIT;
	size_t i;
	json_t *finding;

	set_kernel(look, snapshot);
	look->snapshot = snapshot;
	if (!ta_rules_evaluate(look->rules, snapshot, &options, &report, &err)) {
		printf("%s: %s\n", look->rule, err.text);
		look->wrong++;
	}
	look->judged++;
	json_array_foreach (json_object_get(report, "findings"), i, finding)
		check_finding(look, finding);
}

static void judge_on_all(struct look *look, const json_t *file)
{
	static const int last[] = { [3] = 19, [4] = 20, [5] = 19, [6] = 18 };
	size_t i;
	json_t *test;
	char text[16];

	json_array_foreach (json_object_get(file, "cases"), i, test) {
		look->rule = ta_json_text(test, "rule");
		look->test = ta_json_text(test, "name");
		for (look->major = 3; look->major <= 6; look->major++)
			for (look->minor = look->major == 3 ? 10 : 0;
			     look->minor <= last[look->major]; look->minor++) {
				snprintf(text, sizeof(text), "%d.%d", look->major, look->minor);
				ta_release_parse(text, &look->release);
				judge(look, json_object_get(file, "base"), test);
			}
	}
}

int main(void)
{
	struct look look = { .rules = ta_rules_new() };
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_error err = TA_ERROR_INIT;

	if (!look.rules || !ta_rules_add_builtin(look.rules, TA_BUILTIN_WHOLE, &err) ||
	    !ta_rules_finish(look.rules, &mistakes, &err)) {
		printf("%s%s\n", mistakes.text ? mistakes.text : "", err.text);
		return 1;
	}
	for (size_t i = 0; i < ta_resource_count; i++) {
		const struct ta_resource *resource = &ta_resources[i];
		ta_auto(json_decref_p) json_t *file = NULL;

		if (!ta_text_ends_with(resource->name, ".test.json"))
			continue;
		file = json_loadb(resource->data, resource->size, 0, NULL);
		judge_on_all(&look, file);
	}
	printf("%zu judgements, %zu settings, %zu wrong\n", look.judged, look.settings, look.wrong);
	ta_rule_mistakes_done(&mistakes);
	ta_rules_free(look.rules);
	return look.wrong || !look.settings;
}
