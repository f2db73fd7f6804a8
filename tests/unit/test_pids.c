/* Unit tests of src/collect/pids.c: which limit on tasks binds, and when that can't be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "collect/pids.h"
#include "fake_root.h"

/* ---- mounts ---- */

#define V1 "40 30 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
#define V2 "31 30 0:27 / /sys/fs/cgroup rw shared:4 master:1 - cgroup2 cgroup2 rw,nsdelegate\n"

static const struct {
	const char *text, *v1, *v1_top, *v2, *v2_top;
} mounts[] = {
	{ V2, "", "", "sys/fs/cgroup", "/" },
	{ V1 V2, "sys/fs/cgroup/pids", "/", "sys/fs/cgroup", "/" },
	{ "40 30 0:36 / /c rw - cgroup cgroup rw,cpu,pids\n", "c", "/", "", "" },
	{ "40 30 0:36 / /c rw - cgroup cgroup rw,cpu,pidsx,name=pids\n", "", "", "", "" },
	/* without a namespace of their own containers see a part only, named in full */
	{ "40 30 0:36 /docker/1 /c rw - cgroup cgroup rw,pids\n", "c", "/docker/1", "", "" },
	{ "40 30 0:36 /docker/1 /c rw - cgroup cgroup rw,pids\n" V1, "sys/fs/cgroup/pids", "/", "",
	  "" },
	{ V1 "40 30 0:36 /docker/1 /c rw - cgroup cgroup rw,pids\n", "sys/fs/cgroup/pids", "/", "",
	  "" },
	/* of a mount that is older than the namespace */
	{ "31 30 0:27 /.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "", "", "", "" },
	{ "31 30 0:27 / /sys/../etc rw - cgroup2 cgroup2 rw\n", "", "", "", "" },
	{ "31 30 0:27 / /a\\040b rw - cgroup2 cgroup2 rw\n", "", "", "", "" },
	{ "31 30 0:27 / / rw - cgroup2 cgroup2 rw\n", "", "", "", "" },
	{ "31 30 0:27 / sys rw - cgroup2 cgroup2 rw\n", "", "", "", "" },
	{ "31 30 0:27 / /c rw cgroup2 cgroup2 rw\n", "", "", "", "" },
	{ "31 30 0:27 / /c rw -", "", "", "", "" },
	{ "\n\n - \n", "", "", "", "" },
	{ "", "", "", "", "" },
};

static void mounts_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(mounts); i++) {
		struct ta_cgroup_mounts found;

		ta_cgroup_mounts_parse(mounts[i].text, strlen(mounts[i].text), &found);
		if (strcmp(found.pids.point, mounts[i].v1) != 0 ||
		    strcmp(found.pids.top, mounts[i].v1_top) != 0 ||
		    strcmp(found.unified.point, mounts[i].v2) != 0 ||
		    strcmp(found.unified.top, mounts[i].v2_top) != 0)
			fail_msg("'%s'", mounts[i].text);
	}
}

/* ---- limits ---- */

#define MOUNTS "proc/self/mountinfo"
#define C      "sys/fs/cgroup/"
#define P      "sys/fs/cgroup/pids/"
#define DEEP   "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a"

static const struct {
	const char *what, *cgroup;
	const char *files[10][2]; /* path, content */
	int current, max;         /* -1: not told */
	bool unreadable, hidden;
} cases[] = {
	{ "its own group",
	  "0::/a/b\n",
	  { { MOUNTS, V2 }, { C "a/b/pids.max", "10\n" }, { C "a/b/pids.current", "4\n" } },
	  4,
	  10,
	  false,
	  false },
	{ "the group above has less room",
	  "0::/a/b\n",
	  { { MOUNTS, V2 },
	    { C "a/b/pids.max", "10\n" },
	    { C "a/b/pids.current", "4\n" },
	    { C "a/pids.max", "100\n" },
	    { C "a/pids.current", "95\n" } },
	  95,
	  100,
	  false,
	  false },
	{ "the nearest of equals",
	  "0::/a/b\n",
	  { { MOUNTS, V2 },
	    { C "a/b/pids.max", "10\n" },
	    { C "a/b/pids.current", "4\n" },
	    { C "a/pids.max", "20\n" },
	    { C "a/pids.current", "14\n" } },
	  4,
	  10,
	  false,
	  false },
	{ "more tasks than the limit, which was lowered",
	  "0::/a\n",
	  { { MOUNTS, V2 }, { C "a/pids.max", "10\n" }, { C "a/pids.current", "14\n" } },
	  14,
	  10,
	  false,
	  false },
	{ "no limit",
	  "0::/a\n",
	  { { MOUNTS, V2 }, { C "a/pids.max", "max\n" }, { C "a/pids.current", "4\n" } },
	  -1,
	  -1,
	  false,
	  false },
	{ "the controller is not enabled for the inner group",
	  "0::/a/b\n",
	  { { MOUNTS, V2 },
	    { C "a/b/cgroup.procs", "" },
	    { C "a/pids.max", "10\n" },
	    { C "a/pids.current", "4\n" } },
	  4,
	  10,
	  false,
	  false },
	{ "v1 has the controller, whatever the unified hierarchy says",
	  "9:cpu:/x\n8:pids:/a\n0::/b\n",
	  { { MOUNTS, V1 V2 },
	    { P "a/pids.max", "10\n" },
	    { P "a/pids.current", "4\n" },
	    { C "b/pids.max", "7\n" },
	    { C "b/pids.current", "7\n" } },
	  4,
	  10,
	  false,
	  false },
	{ "the root of all groups",
	  "8:pids:/\n",
	  { { MOUNTS, V1 }, { P "cgroup.procs", "" } },
	  -1,
	  -1,
	  false,
	  false },
	{ "a container with a namespace of its own",
	  "0::/\n",
	  { { MOUNTS, V2 },
	    { C "pids.max", "50\n" },
	    { C "pids.current", "49\n" },
	    { C "cgroup.events", "populated 1\n" } },
	  49,
	  50,
	  false,
	  true },
	{ "a container without a limit in sight",
	  "0::/\n",
	  { { MOUNTS, V2 }, { C "cgroup.events", "populated 1\n" } },
	  -1,
	  -1,
	  false,
	  true },
	{ "a container that has its part mounted",
	  "8:pids:/docker/1/x\n",
	  { { MOUNTS, "40 30 0:36 /docker/1 /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n" },
	    { P "x/pids.max", "50\n" },
	    { P "x/pids.current", "49\n" },
	    { P "pids.max", "60\n" },
	    { P "pids.current", "49\n" } },
	  49,
	  50,
	  false,
	  true },
	{ "a process outside of the part that is mounted",
	  "8:pids:/docker/12\n",
	  { { MOUNTS, "40 30 0:36 /docker/1 /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n" },
	    { P "2/pids.max", "50\n" },
	    { P "pids.max", "60\n" } },
	  -1,
	  -1,
	  true,
	  true },
	{ "a process outside of the namespace",
	  "0::/../a\n",
	  { { MOUNTS, V2 },
	    { "sys/fs/a/pids.max", "10\n" },
	    { "sys/fs/a/pids.current", "4\n" },
	    { C "a/pids.max", "10\n" },
	    { C "a/pids.current", "4\n" } },
	  -1,
	  -1,
	  true,
	  false },
	{ "its group is not there, though that above is",
	  "0::/a/gone\n",
	  { { MOUNTS, V2 }, { C "a/pids.max", "10\n" }, { C "a/pids.current", "4\n" } },
	  -1,
	  -1,
	  true,
	  false },
	{ "no control groups are mounted", "0::/a\n", { { MOUNTS, "" } }, -1, -1, true, false },
	{ "v1 that is not mounted",
	  "8:pids:/a\n0::/a\n",
	  { { MOUNTS, V2 }, { C "a/pids.max", "10\n" }, { C "a/pids.current", "4\n" } },
	  -1,
	  -1,
	  true,
	  false },
	{ "nonsense for a limit",
	  "0::/a\n",
	  { { MOUNTS, V2 }, { C "a/pids.max", "-5\n" }, { C "a/pids.current", "4\n" } },
	  -1,
	  -1,
	  true,
	  false },
	{ "nonsense for the tasks of the group above",
	  "0::/a/b\n",
	  { { MOUNTS, V2 },
	    { C "a/b/pids.max", "10\n" },
	    { C "a/b/pids.current", "4\n" },
	    { C "a/pids.max", "10\n" },
	    { C "a/pids.current", "max\n" } },
	  -1,
	  -1,
	  true,
	  false },
	{ "deeper than anybody nests them",
	  "0::" DEEP DEEP "\n",
	  { { MOUNTS, V2 }, { C "a/pids.max", "10\n" }, { C "a/pids.current", "4\n" } },
	  -1,
	  -1,
	  true,
	  false },
	{ "in no control group", "", { { MOUNTS, V2 } }, -1, -1, false, false },
	{ "no path", "0::\n", { { MOUNTS, V2 } }, -1, -1, true, false },
	{ "no line of that kind", "garbage\n:::\n1:\n", { { MOUNTS, V2 } }, -1, -1, false, false },
};

static int64_t integer_of(const json_t *row, const char *name)
{
	const json_t *value = json_object_get(row, name);

	return value ? json_integer_value(value) : -1;
}

static void the_limit_that_binds_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		ta_auto(ta_builder_done) struct ta_builder builder;
		struct ta_root root = TA_ROOT_INIT;
		struct ta_error err = TA_ERROR_INIT;
		struct ta_pids pids;
		void *broken = NULL;

		assert_int_equal(make_broken(&broken), 0);
		for (size_t f = 0; f < 10 && cases[i].files[f][0]; f++)
			put_file(broken, cases[i].files[f][0], cases[i].files[f][1],
				 strlen(cases[i].files[f][1]));
		assert_true(ta_root_open(&root, ((struct broken *)broken)->root, &err));
		ta_builder_init(&builder);
		ta_pids_open(&pids, &root);
		for (int twice = 0; twice < 2; twice++) { /* the second time from memory */
			ta_pids_build(&pids, cases[i].cgroup, strlen(cases[i].cgroup), &builder,
				      builder.root);
			if (integer_of(builder.root, "pids_current") != cases[i].current ||
			    integer_of(builder.root, "pids_max") != cases[i].max ||
			    pids.unreadable != (cases[i].unreadable ? (size_t)twice + 1 : 0) ||
			    pids.hidden != cases[i].hidden)
				fail_msg("%s", cases[i].what);
		}
		ta_pids_build_gaps(&pids, &builder);
		assert_int_equal(json_array_size(builder.gaps),
				 (int)cases[i].unreadable + (int)cases[i].hidden);
		ta_pids_done(&pids);
		ta_root_done(&root);
		assert_int_equal(remove_broken(&broken), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_are_found),
		cmocka_unit_test(the_limit_that_binds_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
