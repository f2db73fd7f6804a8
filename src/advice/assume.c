/* assume.c - a snapshot as if a setting were another: see tcpadvise/advice.h.
 *
 * A setting is replaced where the snapshot has it, and then what a collector would have derived of
 * it: a row of "consequences". Nothing else moves: sockets and counters are what was measured, but
 * for those whose number is the product of a rate and a time that is the setting itself. */
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/number.h"
#include "base/text.h"
#include "snapshot/builder.h"
#include "snapshot/tunable_check.h"
#include "sockets/ports.h"
#include "tcpadvise/advice.h"

enum { VALUE_MAX = 1 << 16, NAME_MAX_LEN = 256 };

TA_DEFINE_AUTO(json_t, json_decref)

static bool no_memory(struct ta_error *err)
{
	return ta_fail(err, TA_E_NOMEM, "out of memory");
}

/* ---- what is written ----------------------------------------------------------------- */

bool ta_assumption_parse(const char *text, json_t **ret, struct ta_error *err)
{
	const char *equals = strchr(text, '='), *at;
	size_t key_len;
	json_t *assumption;

	if (!equals || equals == text || !equals[1])
		return ta_fail(err, TA_E_USAGE,
			       "'%s' is no assumption: KEY=VALUE was expected, or KEY@PLACE=VALUE",
			       text);
	at = memchr(text, '@', (size_t)(equals - text));
	key_len = (size_t)((at ? at : equals) - text);
	if (!key_len || at == equals - 1)
		return ta_fail(err, TA_E_USAGE, "'%s': KEY@PLACE=VALUE was expected", text);
	if (!ta_utf8_valid(text, strlen(text)))
		return ta_fail(err, TA_E_USAGE, "an assumption is not valid UTF-8");
	assumption = json_pack("{s:s%, s:s}", "key", text, key_len, "value", equals + 1);
	if (!assumption)
		return no_memory(err);
	*ret = assumption;
	return !at || ta_json_set(assumption, "at", json_stringn(at + 1, (size_t)(equals - at) - 1))
		       ? true
		       : (json_decref(TA_TAKE(*ret)), no_memory(err));
}

/* ---- what follows of a setting ------------------------------------------------------- */

/* One setting as it is replaced. */
struct change {
	json_t *snapshot;
	json_t *place;       /* the namespace, or the host */
	const json_t *was;   /* or NULL */
	const json_t *value; /* as a snapshot has it */
	bool is_host;
};

static bool set_int(json_t *object, const char *name, json_int_t number)
{
	return ta_json_set(object, name, json_integer(number));
}

/* Only what is there is replaced: what could not be read stays unknown. */
static bool replace(json_t *object, const char *name, const json_t *value)
{
	return !json_object_get(object, name) ||
	       json_object_set(object, name, (json_t *)value) == 0;
}

static bool change_file_max(const struct change *change)
{
	return replace(json_object_get(change->snapshot, "files"), "max", change->value);
}

static bool change_nr_open(const struct change *change)
{
	return replace(json_object_get(change->snapshot, "files"), "nr_open", change->value);
}

/* One number for the host, which each namespace shows. */
static bool change_conntrack(const struct change *change, const char *key, const char *member)
{
	json_t *namespace_;
	size_t i;
	bool ok = true;

	json_array_foreach (json_object_get(change->snapshot, "namespaces"), i, namespace_)
		ok = ok &&
		     replace(json_object_get(namespace_, "conntrack"), member, change->value) &&
		     replace(json_object_get(namespace_, "sysctl"), key, change->value);
	return ok;
}

static bool change_conntrack_max(const struct change *change)
{
	return change_conntrack(change, "net.netfilter.nf_conntrack_max", "max");
}

static bool change_conntrack_buckets(const struct change *change)
{
	return change_conntrack(change, "net.netfilter.nf_conntrack_buckets", "buckets");
}

/* A backlog that the old value cut gets what the program asked for, as far as the new one lets it;
 * where nobody knows what it asked for, all of the new one. */
static bool change_somaxconn(const struct change *change)
{
	json_int_t was = json_integer_value(change->was), now = json_integer_value(change->value);
	bool ok = true;
	json_t *listener;
	size_t i;

	json_array_foreach (json_object_get(change->place, "listeners"), i, listener) {
		const json_t *asked = json_object_get(listener, "backlog_asked");
		json_int_t backlog = json_integer_value(json_object_get(listener, "backlog"));
		json_int_t wanted = asked            ? json_integer_value(asked)
				    : backlog == was ? now
						     : backlog;

		if (json_object_get(listener, "backlog"))
			ok = ok && set_int(listener, "backlog", wanted < now ? wanted : now);
	}
	return ok;
}

/* Sockets in FIN_WAIT_2 that no process holds live as long as the setting says, so there are as
 * many as come in that time. */
static bool change_fin_timeout(const struct change *change)
{
	json_t *sockets = json_object_get(change->place, "sockets");
	json_int_t was = json_integer_value(change->was), now = json_integer_value(change->value);
	json_int_t orphans = json_integer_value(json_object_get(sockets, "fin_wait2_orphan"));
	json_int_t all = json_integer_value(json_object_get(sockets, "fin_wait2"));
	json_int_t after;

	if (was <= 0 || now <= 0 || !orphans || orphans > INT64_MAX / now)
		return true;
	after = orphans * now / was;
	return set_int(sockets, "fin_wait2_orphan", after) &&
	       (all < orphans || set_int(sockets, "fin_wait2", all - orphans + after));
}

/* ---- the ephemeral range ---- */

static void note_listeners(const json_t *namespace_, struct ta_port_set *ret)
{
	const json_t *listener;
	size_t i;

	json_array_foreach (json_object_get(namespace_, "listeners"), i, listener) {
		json_int_t port = json_integer_value(json_object_get(listener, "port"));

		if (port > 0 && port <= UINT16_MAX)
			ta_port_set_add(ret, (uint16_t)port);
	}
}

/* The range and what is reserved of it, as the namespace's settings are now. */
static bool read_ports(const json_t *namespace_, struct ta_ports *ret)
{
	const json_t *sysctl = json_object_get(namespace_, "sysctl");
	const json_t *range = json_object_get(sysctl, "net.ipv4.ip_local_port_range");
	const char *reserved = ta_json_string(sysctl, "net.ipv4.ip_local_reserved_ports");
	json_int_t low = json_integer_value(json_array_get(range, 0));
	json_int_t high = json_integer_value(json_array_get(range, 1));

	*ret = (struct ta_ports){ .low = (uint16_t)low, .high = (uint16_t)high };
	ret->range_known = low > 0 && low <= high && high <= UINT16_MAX;
	ret->reserved_known =
		reserved && ta_ports_parse_list(reserved, strlen(reserved), &ret->reserved);
	return ret->range_known;
}

/* Ports of the old range that sockets held which do not listen: where they are nobody tells. */
static json_int_t merely_bound(const json_t *old_ports)
{
	json_int_t blocked = json_integer_value(json_object_get(old_ports, "blocked"));
	json_int_t listening =
		(json_int_t)json_array_size(json_object_get(old_ports, "listening_unreserved"));

	return blocked > listening ? blocked - listening : 0;
}

static bool set_usable(json_t *namespace_, json_int_t usable)
{
	json_t *destination;
	size_t i;
	bool ok = true;

	json_array_foreach (json_object_get(namespace_, "destinations"), i, destination)
		if (json_object_get(destination, "ports_usable"))
			ok = ok && set_int(destination, "ports_usable", usable);
	return ok;
}

static bool change_ports(const struct change *change)
{
	ta_auto(json_decref_p) json_t *made = NULL;
	struct ta_builder builder;
	struct ta_error ignored = TA_ERROR_INIT;
	struct ta_port_set listening = { 0 };
	struct ta_ports ports;
	json_t *old = json_object_get(change->place, "ports"), *object;
	json_int_t bound, usable;

	if (!old || !read_ports(change->place, &ports))
		return true;
	note_listeners(change->place, &listening);
	bound = merely_bound(old);
	ta_builder_init(&builder);
	ta_ports_build(&ports, json_object_get(old, "blocked") ? &listening : NULL, &listening,
		       &builder, builder.root);
	if (!ta_builder_finish(&builder, &made, &ignored)) {
		ta_builder_done(&builder);
		return false;
	}
	ta_builder_done(&builder);
	object = json_object_get(made, "ports");
	if (!json_object_get(object, "usable"))
		return json_object_set(change->place, "ports", object) == 0;
	usable = json_integer_value(json_object_get(object, "usable")) - bound;
	return set_int(object, "blocked",
		       json_integer_value(json_object_get(object, "blocked")) + bound) &&
	       set_int(object, "usable", usable > 0 ? usable : 0) &&
	       json_object_set(change->place, "ports", object) == 0 &&
	       set_usable(change->place, usable > 0 ? usable : 0);
}

static const struct consequence {
	const char *key;
	bool (*change)(const struct change *change); /* false when memory ran out */
} consequences[] = {
	{ "fs.file-max", change_file_max },
	{ "fs.nr_open", change_nr_open },
	{ "net.core.somaxconn", change_somaxconn },
	{ "net.ipv4.ip_local_port_range", change_ports },
	{ "net.ipv4.ip_local_reserved_ports", change_ports },
	{ "net.ipv4.tcp_fin_timeout", change_fin_timeout },
	{ "net.netfilter.nf_conntrack_buckets", change_conntrack_buckets },
	{ "net.netfilter.nf_conntrack_max", change_conntrack_max },
};

/* ---- settings ------------------------------------------------------------------------ */

struct assumption {
	json_t *json;
	const char *key, *value, *at; /* at: "" for everywhere */
};

static bool note_was(const struct assumption *assumption, const json_t *was)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(VALUE_MAX);

	if (!was || json_object_get(assumption->json, "was"))
		return true;
	ta_tunable_print(&text, was);
	return ta_buf_ok(&text, NULL) &&
	       ta_json_set(assumption->json, "was", json_string(ta_buf_cstr(&text)));
}

static bool change_setting(const struct assumption *assumption, const struct ta_tunable *tunable,
			   const json_t *value, json_t *snapshot, json_t *place,
			   struct ta_error *err)
{
	json_t *values = json_object_get(place, "sysctl");
	ta_auto(json_decref_p) json_t *was = json_incref(json_object_get(values, tunable->key));
	struct change change = { .snapshot = snapshot, .place = place, .was = was, .value = value };

	if (!ta_tunable_check(tunable, assumption->value, values, err))
		return err->code == TA_E_NOMEM ? false
					       : (err->code = TA_E_USAGE, ta_wrap(err, "assume"));
	if (!note_was(assumption, was) ||
	    (values && json_object_set(values, tunable->key, (json_t *)value) < 0))
		return no_memory(err);
	for (size_t i = 0; i < TA_ARRAY_SIZE(consequences); i++)
		if (strcmp(consequences[i].key, tunable->key) == 0 &&
		    !consequences[i].change(&change))
			return no_memory(err);
	return true;
}

static bool change_namespaces(const struct assumption *assumption, const struct ta_tunable *tunable,
			      const json_t *value, json_t *snapshot, struct ta_error *err)
{
	json_t *namespace_;
	bool found = false;
	size_t i;

	json_array_foreach (json_object_get(snapshot, "namespaces"), i, namespace_) {
		if (*assumption->at &&
		    strcmp(assumption->at, ta_json_text(namespace_, "name")) != 0)
			continue;
		found = true;
		if (!change_setting(assumption, tunable, value, snapshot, namespace_, err))
			return false;
	}
	return found || ta_fail(err, TA_E_USAGE, "assume %s: there is no network namespace '%s'",
				assumption->key, assumption->at);
}

static bool assume_setting(const struct assumption *assumption, const struct ta_tunable *tunable,
			   json_t *snapshot, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *value = NULL;

	if (!ta_tunable_value(tunable, assumption->value, strlen(assumption->value), &value, err)) {
		err->code = err->code == TA_E_NOMEM ? TA_E_NOMEM : TA_E_USAGE;
		return ta_wrap(err, "assume %s", assumption->key);
	}
	if (tunable->scope == TA_TUNABLE_NETNS)
		return change_namespaces(assumption, tunable, value, snapshot, err);
	if (*assumption->at)
		return ta_fail(err, TA_E_USAGE, "assume %s: it is the host's, not that of '%s'",
			       assumption->key, assumption->at);
	return change_setting(assumption, tunable, value, snapshot,
			      json_object_get(snapshot, "host"), err);
}

/* ---- limits -------------------------------------------------------------------------- */

static const struct limit {
	const char *name, *soft, *hard; /* members of a process; hard may be NULL */
} limits[] = {
	{ "nofile", "nofile_soft", "nofile_hard" },
	{ "nproc", "nproc_soft", NULL },
	{ "pids_max", "pids_max", NULL },
};

static const struct limit *find_limit(const char *name)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(limits); i++)
		if (strcmp(limits[i].name, name) == 0)
			return &limits[i];
	return NULL;
}

enum { HARD_STAYS = -1 };

/* "8192:65536", one number for both, or "8192:", which lets the hard one be. */
static bool parse_limit(const struct assumption *assumption, json_int_t *ret_soft,
			json_int_t *ret_hard, struct ta_error *err)
{
	struct ta_slice rest = ta_slice(assumption->value, strlen(assumption->value));
	bool is_pair = strchr(assumption->value, ':');
	struct ta_slice soft = ta_slice_cut(&rest, ':');
	struct ta_slice hard = is_pair ? rest : soft;
	int64_t numbers[] = { 0, HARD_STAYS };

	if (!ta_parse_i64(soft.data, soft.len, &numbers[0]) || numbers[0] < 0 ||
	    (hard.len &&
	     (!ta_parse_i64(hard.data, hard.len, &numbers[1]) || numbers[1] < numbers[0])))
		return ta_fail(err, TA_E_USAGE,
			       "assume %s: '%s' is no limit: SOFT:HARD was expected, or one number",
			       assumption->key, assumption->value);
	*ret_soft = numbers[0];
	*ret_hard = numbers[1];
	return true;
}

static bool is_meant(const struct assumption *assumption, const json_t *process)
{
	json_int_t pid = json_integer_value(json_object_get(process, "pid"));
	int64_t number;

	if (!*assumption->at)
		return true;
	if (ta_parse_i64(assumption->at, strlen(assumption->at), &number))
		return number == pid;
	return strcmp(assumption->at, ta_json_text(process, "name")) == 0;
}

static bool limit_process(const struct assumption *assumption, const struct limit *limit,
			  json_t *process, json_int_t soft, json_int_t hard)
{
	json_int_t present =
		limit->hard ? json_integer_value(json_object_get(process, limit->hard)) : 0;

	if (hard == HARD_STAYS)
		hard = present > soft ? present : soft;
	return note_was(assumption, json_object_get(process, limit->soft)) &&
	       set_int(process, limit->soft, soft) &&
	       (!limit->hard || set_int(process, limit->hard, hard));
}

static bool assume_limit(const struct assumption *assumption, const struct limit *limit,
			 json_t *snapshot, struct ta_error *err)
{
	json_int_t soft = 0, hard = 0;
	bool found = !*assumption->at;
	json_t *process;
	size_t i;

	if (!parse_limit(assumption, &soft, &hard, err))
		return false;
	json_array_foreach (json_object_get(snapshot, "processes"), i, process) {
		if (!is_meant(assumption, process))
			continue;
		found = true;
		if (!limit_process(assumption, limit, process, soft, hard))
			return no_memory(err);
	}
	return found || ta_fail(err, TA_E_USAGE, "assume %s: there is no process '%s'",
				assumption->key, assumption->at);
}

/* ---- all of them --------------------------------------------------------------------- */

static bool unknown_key(const char *key, struct ta_error *err)
{
	struct ta_nearest nearest;
	size_t count = 0;
	const struct ta_tunable *tunables = ta_tunables(&count, err);
	const char *meant;

	if (!tunables)
		return false;
	ta_nearest_start(&nearest, key, strlen(key));
	for (size_t i = 0; i < count; i++)
		ta_nearest_offer(&nearest, tunables[i].key);
	for (size_t i = 0; i < TA_ARRAY_SIZE(limits); i++)
		ta_nearest_offer(&nearest, limits[i].name);
	meant = ta_nearest_result(&nearest);
	return ta_fail(err, TA_E_USAGE,
		       "assume: '%s' is no sysctl of the catalogue and no limit (nofile, nproc, "
		       "pids_max)%s%s%s",
		       key, meant ? "; did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
}

static bool assume_one(json_t *json, json_t *snapshot, struct ta_error *err)
{
	struct assumption assumption = { json, ta_json_text(json, "key"),
					 ta_json_text(json, "value"), ta_json_text(json, "at") };
	const struct limit *limit = find_limit(assumption.key);
	const struct ta_tunable *tunable = ta_tunable_find(assumption.key);

	if (limit)
		return assume_limit(&assumption, limit, snapshot, err);
	if (!tunable || tunable->scope == TA_TUNABLE_NONE)
		return unknown_key(assumption.key, err);
	/* By the name that findings have for it. */
	if (strcmp(assumption.key, tunable->key) != 0) {
		if (!ta_json_set(json, "key", json_string(tunable->key)))
			return no_memory(err);
		assumption.key = tunable->key;
	}
	return assume_setting(&assumption, tunable, snapshot, err);
}

bool ta_assume(const json_t *snapshot, json_t *assumptions, json_t **ret, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *copy = json_deep_copy(snapshot);
	json_t *assumption;
	size_t i;

	if (!copy)
		return no_memory(err);
	json_array_foreach (assumptions, i, assumption)
		if (!assume_one(assumption, copy, err))
			return false;
	*ret = TA_TAKE(copy);
	return true;
}
