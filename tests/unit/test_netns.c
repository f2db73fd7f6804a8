/* Unit tests of src/collect/netns.c and netns_name.c on a proc that is made of files: which network
 * namespaces are found, and what they are called. How they are entered is for
 * tests/collect/test_netns.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "collect/netns.h"
#include "fake_root.h"

#define ID     "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define UID    "0a1b2c3d-1111-2222-3333-444455556666"
#define CNI    "cni-9f8b1c2d-3e4f-5a6b-7c8d-9e0f1a2b3c4d"
#define DOCKER "0::/system.slice/docker-" ID ".scope\n"
#define POD    "0::/kubepods.slice/kubepods-pod0a1b2c3d_1111_2222_3333_444455556666.slice/"

static const struct ta_kernel kernel = { .major = 6, .minor = 1, .known = true };

/* ---- the host ---- */

static void put_text(const struct broken *broken, const char *name, const char *text)
{
	put_file(broken, name, text, strlen(text));
}

static void put_link(const struct broken *broken, unsigned pid, uint64_t inode)
{
	char path[256], target[64];

	snprintf(path, sizeof(path), "%s/proc/%u/ns/net", broken->root, pid);
	snprintf(target, sizeof(target), "net:[%llu]", (unsigned long long)inode);
	assert_int_equal(symlink(target, path), 0);
}

static void put_process(const struct broken *broken, unsigned pid, uint64_t inode, const char *name,
			const char *cgroup)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "proc/%u/comm", pid);
	snprintf(text, sizeof(text), "%s\n", name);
	put_text(broken, path, text);
	snprintf(path, sizeof(path), "proc/%u/cgroup", pid);
	put_text(broken, path, cgroup);
	snprintf(path, sizeof(path), "proc/%u/ns/x", pid); /* makes the folder */
	put_text(broken, path, "");
	put_link(broken, pid, inode);
}

/* proc/self is process 9, in the namespace 100. */
static void put_self(const struct broken *broken, bool first)
{
	char path[256];

	put_process(broken, 9, 100, "tcpadvise", "0::/\n");
	snprintf(path, sizeof(path), "%s/proc/self", broken->root);
	assert_int_equal(symlink("9", path), 0);
	if (first)
		put_text(broken, "proc/sys/net/ipv4/tcp_mem", "1 2 3\n");
}

static bool find(const struct broken *broken, const char *which, struct ta_root *root,
		 struct ta_netns_set *set, struct ta_error *err)
{
	*root = TA_ROOT_INIT;
	assert_true(ta_root_open(root, broken->root, err));
	return ta_netns_find(set, root, &kernel, which, err);
}

static void done(struct ta_root *root, struct ta_netns_set *set)
{
	ta_netns_done(set);
	ta_root_done(root);
}

static const struct ta_netns *by_inode(const struct ta_netns_set *set, uint64_t inode)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->rows[i].inode == inode)
			return &set->rows[i];
	fail_msg("%llu was not found", (unsigned long long)inode);
	return NULL;
}

/* ---- names ---- */

static const struct {
	uint64_t inode;
	unsigned pid; /* 0: it has no process */
	const char *process, *cgroup;
	const char *path; /* as in mountinfo; NULL: it is bound to no file */
	const char *name, *kind;
} spaces[] = {
	{ 201, 20, "nginx", DOCKER, NULL, "docker:9f86d081884c", "container" },
	{ 202, 21, "nested", DOCKER, NULL, "docker:9f86d081884c#202", "container" },
	{ 203, 30, "pause", POD "cri-containerd-" ID ".scope\n", "/run/netns/" CNI, "pod:" UID,
	  "pod" },
	{ 204, 40, "web", "0::/system.slice/web.service\n", "/run/netns/blue", "blue", "named" },
	{ 205, 50, "db", "0::/system.slice/db.service\n", NULL, "db.service", "service" },
	{ 206, 60, "chrome", "0::/user.slice/user-1000.slice/session-3.scope\n", NULL, "chrome[60]",
	  "process" },
	{ 207, 0, NULL, NULL, "/run/docker/netns/ingress_sbox", "ingress_sbox", "named" },
	{ 208, 0, NULL, NULL, "/run/netns/" CNI, CNI, "named" },
	{ 209, 0, NULL, NULL, "/run/netns/host", "host#209", "named" },
	{ 210, 0, NULL, NULL, "/var/run/netns/my\\040net\\134", "my net\\", "named" },
	{ 211, 70, "\xff\x1b", "0::/\n", NULL, "\xef\xbf\xbd\x1b[70]", "process" },
	{ 212, 0, NULL, NULL, "/run/netns/blue#213", "blue#213", "named" },
	{ 213, 0, NULL, NULL, "/run/netns/sub/blue#213", "blue#213#213", "named" },
};

static void put_spaces(const struct broken *broken)
{
	char mounts[4096] = "24 1 0:22 / / rw - ext4 /dev/sda rw\n";

	for (size_t i = 0; i < TA_ARRAY_SIZE(spaces); i++) {
		size_t len = strlen(mounts);

		if (spaces[i].pid)
			put_process(broken, spaces[i].pid, spaces[i].inode, spaces[i].process,
				    spaces[i].cgroup);
		if (spaces[i].path)
			snprintf(mounts + len, sizeof(mounts) - len,
				 "99 24 0:4 net:[%llu] %s rw shared:5 - nsfs nsfs rw\n",
				 (unsigned long long)spaces[i].inode, spaces[i].path);
	}
	put_text(broken, "proc/9/mountinfo", mounts);
}

static void names_are_of_what_lasts(void **state)
{
	const struct broken *broken = *state;
	struct ta_error err = TA_ERROR_INIT;
	struct ta_netns_set set;
	struct ta_root root;

	put_self(broken, true);
	put_process(broken, 1, 100, "systemd", "0::/init.scope\n");
	put_process(broken, 22, 201, "worker", DOCKER);
	put_process(broken, 7, 999, "kthreadd", "0::/\n");
	put_spaces(broken);
	if (!find(broken, "all", &root, &set, &err))
		fail_msg("%s", err.text);
	assert_int_equal(set.count, TA_ARRAY_SIZE(spaces) + 2);
	for (size_t i = 0; i < TA_ARRAY_SIZE(spaces); i++) {
		const struct ta_netns *netns = by_inode(&set, spaces[i].inode);

		assert_string_equal(netns->name, spaces[i].name);
		assert_string_equal(netns->kind, spaces[i].kind);
		assert_int_equal(netns->pid, spaces[i].pid);
		assert_true(netns->chosen && !netns->first && !netns->own);
	}
	/* ours is the first of the list, the others are by name */
	assert_string_equal(set.rows[0].name, "host");
	assert_true(set.rows[0].own && set.rows[0].first);
	for (size_t i = 2; i < set.count; i++)
		assert_true(strcmp(set.rows[i - 1].name, set.rows[i].name) < 0);
	assert_int_equal(by_inode(&set, 201)->processes, 2);
	assert_int_equal(by_inode(&set, 100)->processes, 1); /* we are not counted */
	assert_string_equal(by_inode(&set, 204)->unit, "web.service");
	assert_string_equal(by_inode(&set, 203)->container, ID);
	assert_int_equal(set.seen, 11);
	assert_int_equal(set.hidden, 0);
	done(&root, &set);
}

static const json_t *member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	assert_non_null(value);
	return value;
}

static void a_row_says_whose_it_is(void **state)
{
	const struct broken *broken = *state;
	ta_auto(ta_builder_done) struct ta_builder builder;
	struct ta_error err = TA_ERROR_INIT;
	struct ta_netns_set set;
	struct ta_root root;
	json_t *pod, *host;

	put_self(broken, true);
	put_spaces(broken);
	if (!find(broken, "all", &root, &set, &err))
		fail_msg("%s", err.text);
	ta_builder_init(&builder);
	pod = ta_build_object(&builder, builder.root, "pod");
	host = ta_build_object(&builder, builder.root, "host");
	ta_netns_build(&set, by_inode(&set, 203), &builder, pod);
	ta_netns_build(&set, by_inode(&set, 100), &builder, host);
	assert_int_equal(json_integer_value(member(pod, "pid")), 30);
	assert_string_equal(json_string_value(member(pod, "process")), "pause");
	assert_string_equal(json_string_value(member(pod, "path")), "/run/netns/" CNI);
	assert_string_equal(json_string_value(member(member(pod, "container"), "engine")),
			    "containerd");
	assert_string_equal(json_string_value(member(member(pod, "container"), "pod_uid")), UID);
	assert_int_equal(json_integer_value(member(pod, "processes")), 1);
	assert_int_equal(json_object_size(host), 3); /* inode, name, kind */
	done(&root, &set);
}

/* Without --netns nothing is looked for. */
static void our_own_is_the_host_or_current(void **state)
{
	const struct broken *broken = *state;
	struct ta_error err = TA_ERROR_INIT;
	struct ta_netns_set set;
	struct ta_root root;

	put_self(broken, false);
	put_spaces(broken);
	assert_true(find(broken, NULL, &root, &set, &err));
	assert_int_equal(set.count, 1);
	assert_string_equal(set.rows[0].name, "current");
	assert_string_equal(set.rows[0].kind, "current");
	done(&root, &set);
	put_text(broken, "proc/sys/net/ipv4/tcp_mem", "1 2 3\n");
	assert_true(find(broken, NULL, &root, &set, &err));
	assert_string_equal(set.rows[0].name, "host");
	assert_ptr_equal(ta_netns_first(&set), &set.rows[0]);
	done(&root, &set);
}

/* The tool in a container that sees the host's processes: its own namespace has a better name. */
static void our_own_may_be_a_container(void **state)
{
	const struct broken *broken = *state;
	struct ta_error err = TA_ERROR_INIT;
	struct ta_netns_set set;
	struct ta_root root;

	put_self(broken, false);
	put_process(broken, 8, 100, "sh", DOCKER);
	assert_true(find(broken, "all", &root, &set, &err));
	assert_int_equal(set.count, 1);
	assert_string_equal(set.rows[0].name, "docker:9f86d081884c");
	assert_true(set.rows[0].own);
	done(&root, &set);
}

/* ---- nonsense ---- */

static void nonsense_in_mountinfo_is_passed_over(void **state)
{
	static const char *const lines[] = {
		"",
		"99 24 0:4",
		"99 24 0:4 net:[x] /run/netns/a rw",
		"99 24 0:4 net:[18446744073709551616] /run/netns/a rw",
		"99 24 0:4 net:[7]",
		"99 24 0:4 net:[7] run/netns/a rw",
		"99 24 0:4 mnt:[7] /run/snapd/ns/a rw",
		"99 24 0:4 /net:[7] /run/netns/a rw",
	};
	const struct broken *broken = *state;
	char text[TA_NETNS_PATH_MAX + 1024] = "";
	struct ta_error err = TA_ERROR_INIT;
	struct ta_netns_set set;
	struct ta_root root;
	size_t len = 0;

	put_self(broken, true);
	for (size_t i = 0; i < TA_ARRAY_SIZE(lines); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s\n", lines[i]);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "1 1 0:4 net:[7] /");
	memset(text + len, 'a', TA_NETNS_PATH_MAX); /* a path that is too long */
	put_file(broken, "proc/9/mountinfo", text, len + TA_NETNS_PATH_MAX);
	assert_true(find(broken, "all", &root, &set, &err));
	assert_int_equal(set.count, 1);
	done(&root, &set);
	/* what looks escaped and is not stays as it is; the last escape is cut off */
	put_text(broken, "proc/9/mountinfo", "1 1 0:4 net:[7] /run/netns/a\\0409\\777\\04\n");
	assert_true(find(broken, "all", &root, &set, &err));
	assert_string_equal(by_inode(&set, 7)->name, "a 9\\777\\04");
	done(&root, &set);
}

/* A name is cut between characters. */
static void long_names_are_cut(void **state)
{
	const struct broken *broken = *state;
	struct ta_error err = TA_ERROR_INIT;
	struct ta_netns_set set;
	struct ta_root root;
	char text[1024] = "1 1 0:4 net:[7] /run/netns/x";

	put_self(broken, true);
	for (size_t i = 0; i < 100; i++)
		strcat(text, "\xc3\xa4"); /* U+00E4 */
	put_text(broken, "proc/9/mountinfo", text);
	assert_true(find(broken, "all", &root, &set, &err));
	assert_int_equal(strlen(by_inode(&set, 7)->name), 119);
	done(&root, &set);
}

static bool has_gap(const struct ta_builder *builder, const char *what)
{
	size_t i;
	json_t *gap;

	json_array_foreach (builder->gaps, i, gap)
		if (strcmp(json_string_value(json_object_get(gap, "what")), what) == 0)
			return true;
	return false;
}

static void there_is_a_bound(void **state)
{
	enum { BEYOND = 3 };
	const struct broken *broken = *state;
	ta_auto(ta_builder_done) struct ta_builder builder;
	struct ta_error err = TA_ERROR_INIT;
	struct ta_netns_set set;
	struct ta_root root;
	size_t size = 64 * (TA_NETNS_MAX + BEYOND), len = 0;
	ta_auto_free char *text = malloc(size);

	assert_non_null(text);
	put_self(broken, true);
	for (unsigned i = 1; i < TA_NETNS_MAX + BEYOND; i++)
		len += (size_t)snprintf(text + len, size - len,
					"1 1 0:4 net:[%u] /run/netns/n%u rw\n", 1000 + i, i);
	put_file(broken, "proc/9/mountinfo", text, len);
	assert_true(find(broken, "all", &root, &set, &err));
	assert_int_equal(set.count, TA_NETNS_MAX);
	ta_builder_init(&builder);
	ta_netns_build_gaps(&set, &builder);
	assert_true(has_gap(&builder, "3 or more network namespaces"));
	/* none has a way in here */
	assert_true(has_gap(&builder, "network namespaces n1, n10, n100, n1000, n1001 and 1018 "
				      "more"));
	done(&root, &set);
}

/* ---- one of them ---- */

static void one_is_asked_for(void **state)
{
	static const struct {
		const char *which, *error;
	} cases[] = {
		{ "current", NULL },
		{ "9", NULL }, /* our own process */
		{ "12345", "there is no process 12345, nor a network namespace of that name" },
		{ "db.servise",
		  "there is no network namespace 'db.servise'; did you mean 'db.service'?" },
		{ "unheard-of", "there is no network namespace 'unheard-of' in sight" },
		{ "/dev/null", "/dev/null is no network namespace" },
		{ "/does/not/exist", "can't open /does/not/exist: No such file or directory" },
		/* it is known, but has no way in */
		{ "20", "can't enter network namespace docker:9f86d081884c: No such file or "
			"directory" },
		{ "db.service", "can't enter network namespace db.service: No such file or "
				"directory" },
	};
	const struct broken *broken = *state;

	put_self(broken, false);
	put_spaces(broken);
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		struct ta_error err = TA_ERROR_INIT;
		struct ta_netns_set set;
		struct ta_root root;
		bool ok = find(broken, cases[i].which, &root, &set, &err);

		assert_string_equal(err.text, cases[i].error ? cases[i].error : "");
		assert_int_equal(ok, !cases[i].error);
		for (size_t k = 0; ok && k < set.count; k++)
			assert_int_equal(set.rows[k].chosen, set.rows[k].own);
		done(&root, &set);
	}
}

#define HOST_TEST(name) cmocka_unit_test_setup_teardown(name, make_broken, remove_broken)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(names_are_of_what_lasts),
		HOST_TEST(a_row_says_whose_it_is),
		HOST_TEST(our_own_is_the_host_or_current),
		HOST_TEST(our_own_may_be_a_container),
		HOST_TEST(nonsense_in_mountinfo_is_passed_over),
		HOST_TEST(long_names_are_cut),
		HOST_TEST(there_is_a_bound),
		HOST_TEST(one_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
