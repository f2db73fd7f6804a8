/* action_limit.c - a resource limit of a process that runs: prlimit(2). A process that has ended,
 * or whose number another has by now, is gone. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "apply/action.h"
#include "base/file.h"
#include "base/json.h"
#include "base/macros.h"
#include "collect/proc_scan.h"

enum { START_TIME = 22 }; /* field of /proc/PID/stat, proc(5) */

/* An enum of its own in glibc, whose type is unsigned. */
static const struct {
	const char *name;
	unsigned resource;
} limits[] = {
	{ "nofile", RLIMIT_NOFILE },
	{ "nproc", RLIMIT_NPROC },
};

static bool find_resource(const json_t *action, unsigned *ret, struct ta_error *err)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(limits); i++)
		if (strcmp(limits[i].name, ta_json_text(action, "limit")) == 0) {
			*ret = limits[i].resource;
			return true;
		}
	return ta_fail(err, TA_E_INPUT, "'%s' is no limit that can be set",
		       ta_json_text(action, "limit"));
}

static bool is_alive(const json_t *action)
{
	const json_t *started = json_object_get(action, "start_ticks");
	ta_auto(ta_buf_done) struct ta_buf stat = TA_BUF_INIT(4096);
	struct ta_error ignored = TA_ERROR_INIT;
	char path[64];
	uint64_t ticks;

	snprintf(path, sizeof(path), "/proc/%" JSON_INTEGER_FORMAT "/stat",
		 json_integer_value(json_object_get(action, "pid")));
	if (!ta_file_read(-1, path, &stat, &ignored) ||
	    !ta_proc_stat_field(&stat, START_TIME, &ticks))
		return false;
	return !started || (json_int_t)ticks == json_integer_value(started);
}

/* RLIM_INFINITY is -1 in a record. */
static json_int_t to_json(rlim_t limit)
{
	return limit == RLIM_INFINITY ? -1 : (json_int_t)limit;
}

static rlim_t from_json(const json_t *limit)
{
	return json_integer_value(limit) < 0 ? RLIM_INFINITY : (rlim_t)json_integer_value(limit);
}

static bool read_limit(const char *root, const json_t *action, json_t **ret, struct ta_error *err)
{
	pid_t pid = (pid_t)json_integer_value(json_object_get(action, "pid"));
	struct rlimit limit;
	unsigned resource = 0;

	(void)root;
	if (!find_resource(action, &resource, err))
		return false;
	if (!is_alive(action))
		return true;
	if (prlimit(pid, resource, NULL, &limit) != 0)
		return errno == ESRCH || ta_fail_errno(err, errno, "can't read the limits of %s",
						       ta_json_text(action, "process"));
	*ret = json_pack("[I, I]", to_json(limit.rlim_cur), to_json(limit.rlim_max));
	return *ret || ta_fail(err, TA_E_NOMEM, "out of memory");
}

static bool write_limit(const char *root, const json_t *action, const json_t *value,
			struct ta_error *err)
{
	pid_t pid = (pid_t)json_integer_value(json_object_get(action, "pid"));
	const struct rlimit limit = { .rlim_cur = from_json(json_array_get(value, 0)),
				      .rlim_max = from_json(json_array_get(value, 1)) };
	unsigned resource = 0;

	(void)root;
	if (!find_resource(action, &resource, err))
		return false;
	if (!is_alive(action))
		return ta_fail(err, TA_E_SYSTEM, "the process %s has ended",
			       ta_json_text(action, "process"));
	return prlimit(pid, resource, &limit, NULL) == 0 ||
	       ta_fail_errno(err, errno, "can't set %s of %s", ta_json_text(action, "limit"),
			     ta_json_text(action, "process"));
}

static bool same(const json_t *action, const json_t *a, const json_t *b)
{
	(void)action;
	return json_equal(a, b);
}

/* To prlimit(2) a number of 0 is the program itself. */
static bool takes(const json_t *action, const json_t *value)
{
	json_int_t pid = json_integer_value(json_object_get(action, "pid"));

	return pid > 0 && pid <= INT32_MAX && json_array_size(value) == 2 &&
	       json_is_integer(json_array_get(value, 0)) &&
	       json_is_integer(json_array_get(value, 1));
}

const struct ta_action_kind ta_action_limit = {
	"limit", read_limit, write_limit, same, takes, NULL,
};
