/* Unit tests of the control groups of sockets: groups.c, groups_json.c, cgroup_tree.c. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "collect/group_rows.h"
#include "collect/naming.h"
#include "sockets/fold.h"
#include "fake_root.h"

#define MOUNTS "proc/self/mountinfo"
#define V2     "31 30 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
#define C      "sys/fs/cgroup"
#define ID     "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define UID    "0a1b2c3d-1111-2222-3333-444455556666"
#define POD                                                                                        \
	"kubepods.slice/kubepods-pod0a1b2c3d_1111_2222_3333_444455556666.slice/cri-containerd-" ID \
	".scope"

struct world {
	struct broken *files;
	struct ta_root root;
	struct ta_cgroup_tree tree;
	struct ta_ports ports;
	struct ta_processes processes;
	struct ta_fold fold;
	json_t *document;
};

static int make_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct ta_error err = TA_ERROR_INIT;

	if (!world || make_broken((void **)&world->files) != 0)
		return -1;
	world->root = TA_ROOT_INIT;
	if (!ta_root_open(&world->root, world->files->root, &err))
		return -1;
	ta_cgroup_tree_init(&world->tree, &world->root);
	ta_fold_init(&world->fold, &world->ports);
	*state = world;
	return 0;
}

static int end_world(void **state)
{
	struct world *world = *state;
	void *files = world->files;

	json_decref(world->document);
	ta_fold_done(&world->fold);
	ta_processes_done(&world->processes);
	ta_cgroup_tree_done(&world->tree);
	ta_root_done(&world->root);
	free(world);
	return remove_broken(&files);
}

static void put_mounts(struct world *world, const char *text)
{
	put_file(world->files, MOUNTS, text, strlen(text));
}

/* Makes a group below the mount and gives its id; "" is the mount itself. */
static uint64_t put_group(struct world *world, const char *path)
{
	char name[2048];
	struct stat st;

	snprintf(name, sizeof(name), C "/%s%scgroup.procs", path, *path ? "/" : "");
	put_file(world->files, name, "", 0);
	snprintf(name, sizeof(name), "%s/" C "/%s", world->files->root, path);
	assert_int_equal(stat(name, &st), 0);
	return st.st_ino;
}

/* ---- folding ---- */

static void fold_one(struct world *world, uint64_t group, uint8_t state, uint16_t local_port,
		     uint16_t remote_port)
{
	struct ta_socket socket = { .state = state,
				    .family = AF_INET,
				    .inode = 9,
				    .cgroup = group,
				    .present = group ? TA_SOCKET_CGROUP : 0 };
	const uint32_t local = htonl(0x0a000001), remote = htonl(0x0a000005);

	ta_address_set_v4(socket.local.address, &local);
	ta_address_set_v4(socket.remote.address, &remote);
	socket.local.port = local_port;
	socket.remote.port = remote_port;
	assert_true(ta_fold_socket(&world->fold, &socket));
}

static const struct ta_group *group(const struct world *world, uint64_t id)
{
	return ta_map_get(&world->fold.groups.rows, &id);
}

static void sockets_count_for_their_group(void **state)
{
	struct world *world = *state;

	fold_one(world, 7, TA_TCP_LISTEN, 80, 0);
	fold_one(world, 7, TA_TCP_ESTABLISHED, 80, 5000);
	fold_one(world, 7, TA_TCP_CLOSE_WAIT, 80, 5001);
	fold_one(world, 7 + TA_GROUPS_RECENT, TA_TCP_CLOSE_WAIT, 40000, 5432); /* same remainder */
	fold_one(world, 7, TA_TCP_CLOSE_WAIT, 40001, 5432);
	fold_one(world, 0, TA_TCP_TIME_WAIT, 80, 5002);
	assert_int_equal(world->fold.groups.rows.count, 2);
	assert_int_equal(group(world, 7)->sockets, 4);
	assert_int_equal(group(world, 7)->states[TA_TCP_LISTEN], 1);
	assert_int_equal(group(world, 7)->close_wait.total, 2);
	assert_int_equal(group(world, 7)->close_wait.inbound, 1);
	assert_int_equal(group(world, 7 + TA_GROUPS_RECENT)->sockets, 1);
	assert_int_equal(group(world, 7 + TA_GROUPS_RECENT)->close_wait.outbound, 1);
	ta_fold_reset(&world->fold);
	assert_int_equal(world->fold.groups.rows.count, 0);
	fold_one(world, 7, TA_TCP_ESTABLISHED, 80, 5000);
	assert_int_equal(group(world, 7)->sockets, 1);
}

/* Rows move while the table grows: what is remembered of them must not be stale. */
static void too_many_groups_are_counted(void **state)
{
	enum { BEYOND = 500, TURNS = 3 };
	struct world *world = *state;

	for (int turn = 0; turn < TURNS; turn++)
		for (uint64_t id = 1; id <= TA_GROUPS_KEPT + BEYOND; id++)
			fold_one(world, id, TA_TCP_ESTABLISHED, 40000, 5432);
	assert_int_equal(world->fold.groups.rows.count, TA_GROUPS_KEPT);
	assert_in_range(world->fold.groups.beyond.count, BEYOND * 99 / 100, BEYOND);
	for (uint64_t id = 1; id <= TA_GROUPS_KEPT; id++)
		assert_int_equal(group(world, id)->sockets, TURNS);
	assert_int_equal(world->fold.states[TA_TCP_ESTABLISHED], TURNS * (TA_GROUPS_KEPT + BEYOND));
}

static const struct {
	const char *groups; /* of one socket after the other; '-': not told */
	char winner;        /* 0: nobody is known for certain to have more than half */
} votes[] = {
	{ "", 0 },         { "-", 0 },       { "a", 'a' },       { "a-----", 'a' }, { "ab", 0 },
	{ "aab", 'a' },    { "baa", 0 },     { "abab", 0 },      { "ababa", 'a' },  { "bbaaa", 0 },
	{ "aaaabbbb", 0 }, { "aaabbbb", 0 }, { "abcabcabc", 0 }, { "bcaaaa", 'a' },
};

static void more_than_half_win_a_vote(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(votes); i++) {
		struct ta_group_vote vote = { 0 };
		const char *name = votes[i].groups;

		for (; *name; name++) {
			struct ta_socket socket = { .cgroup = (uint8_t)*name };

			socket.present = *name == '-' ? 0 : TA_SOCKET_CGROUP;
			ta_group_vote_add(&vote, &socket);
		}
		if (ta_group_vote_winner(&vote) != (uint8_t)votes[i].winner)
			fail_msg("%s: %d", votes[i].groups, (int)ta_group_vote_winner(&vote));
	}
}

/* ---- from ids to paths ---- */

static void assert_path(struct world *world, uint64_t id, const char *expected)
{
	const char *path = ta_cgroup_tree_path(&world->tree, id);

	if (expected)
		assert_non_null(path);
	else
		assert_null(path);
	if (expected)
		assert_string_equal(path, expected);
}

static void ids_lead_to_paths(void **state)
{
	struct world *world = *state;
	uint64_t top, nginx, hidden, outside;
	char link[256];

	put_mounts(world, V2);
	top = put_group(world, "");
	nginx = put_group(world, "system.slice/nginx.service");
	hidden = put_group(world, ".hidden/below");
	outside = put_group(world, "../outside/group");
	snprintf(link, sizeof(link), "%s/" C "/link", world->files->root);
	assert_int_equal(symlink("../outside", link), 0);
	assert_path(world, top, "/");
	assert_path(world, nginx, "/system.slice/nginx.service");
	assert_path(world, hidden, "/.hidden/below");
	assert_path(world, outside, NULL);
	assert_path(world, 0, NULL);
	assert_true(world->tree.mounted);
	assert_false(world->tree.cut);
}

/* Without a namespace of its own a container sees its part, named in full. */
static void paths_begin_at_the_top_of_the_mount(void **state)
{
	struct world *world = *state;
	uint64_t top, below;

	put_mounts(world, "31 30 0:27 /docker/" ID " /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	top = put_group(world, "");
	below = put_group(world, "a");
	assert_path(world, top, "/docker/" ID);
	assert_path(world, below, "/docker/" ID "/a");
}

static void without_a_mount_there_is_no_path(void **state)
{
	struct world *world = *state;
	uint64_t top = put_group(world, "");

	put_mounts(world, "40 30 0:36 / /sys/fs/cgroup rw - cgroup cgroup rw,pids\n");
	assert_path(world, top, NULL);
	assert_false(world->tree.mounted);
}

static void a_walk_has_an_end(void **state)
{
	struct world *world = *state;
	char path[4 * TA_CGROUP_TREE_DEPTH] = "";
	uint64_t last = 0, beyond;

	put_mounts(world, V2);
	for (int depth = 1; depth <= TA_CGROUP_TREE_DEPTH; depth++) {
		strcat(path, depth > 1 ? "/a" : "a");
		last = put_group(world, path);
	}
	strcat(path, "/a");
	beyond = put_group(world, path);
	assert_non_null(ta_cgroup_tree_path(&world->tree, last));
	assert_path(world, beyond, NULL);
	assert_true(world->tree.cut);
}

/* Names of others may be long: what lies below a path of more than 1023 bytes is not looked at. */
static void long_names_have_an_end(void **state)
{
	enum { NAME = 200, DEPTH = 6 };
	struct world *world = *state;
	uint64_t ids[DEPTH], beside;
	char name[NAME + 1] = "";
	struct stat st;
	int fd;

	put_mounts(world, V2);
	beside = put_group(world, "z");
	memset(name, 'n', NAME);
	fd = openat(world->root.fd, C, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < DEPTH; i++) {
		int next;

		assert_int_equal(mkdirat(fd, name, 0700), 0);
		next = openat(fd, name, O_RDONLY | O_DIRECTORY);
		assert_int_equal(fstat(next, &st), 0);
		ids[i] = st.st_ino;
		close(fd);
		fd = next;
	}
	close(fd);
	assert_path(world, beside, "/z");
	assert_int_equal(strlen(ta_cgroup_tree_path(&world->tree, ids[4])), 5 * (1 + NAME));
	assert_path(world, ids[5], NULL);
	assert_true(world->tree.cut);
}

/* ---- what the document says ---- */

static json_t *build(struct world *world)
{
	struct ta_live_naming live;
	struct ta_fold_view view = { .fold = &world->fold, .known = true };
	struct ta_builder builder;

	ta_builder_init(&builder);
	ta_live_naming_open(&live, &world->root, &world->tree);
	view.naming = live.naming;
	ta_fold_build(&view, &builder, builder.root);
	ta_groups_build(&world->fold.groups, &world->tree,
			!world->fold.processes || ta_fold_unnamed(&world->fold), &builder,
			builder.root);
	ta_live_naming_done(&live);
	json_decref(world->document);
	world->document = NULL;
	assert_true(ta_builder_finish(&builder, &world->document, NULL));
	ta_builder_done(&builder);
	return world->document;
}

static const json_t *row(const json_t *document, const char *table, size_t i)
{
	return json_array_get(json_object_get(document, table), i);
}

static void assert_text(const json_t *object, const char *key, const char *expected)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (!expected && !text)
		return;
	if (!expected || !text || strcmp(text, expected) != 0)
		fail_msg("%s: %s, not %s", key, text ? text : "(none)",
			 expected ? expected : "(none)");
}

static void assert_number(const json_t *object, const char *key, int64_t expected)
{
	assert_true(json_is_integer(json_object_get(object, key)));
	assert_int_equal(json_integer_value(json_object_get(object, key)), expected);
}

static const char *why_silent(const json_t *document)
{
	size_t i;
	json_t *gap;

	json_array_foreach (json_object_get(document, "gaps"), i, gap)
		if (strcmp(json_string_value(json_object_get(gap, "what")),
			   "control groups of the sockets") == 0)
			return json_string_value(json_object_get(gap, "why"));
	return NULL;
}

static void groups_are_shown_by_their_sockets(void **state)
{
	struct world *world = *state;
	const json_t *document, *found;
	uint64_t nginx, pod, gone = UINT64_C(1) << 40;

	put_mounts(world, V2);
	nginx = put_group(world, "system.slice/nginx.service");
	pod = put_group(world, POD);
	fold_one(world, nginx, TA_TCP_LISTEN, 80, 0);
	for (uint16_t i = 0; i < 5; i++)
		fold_one(world, pod, TA_TCP_CLOSE_WAIT, (uint16_t)(40000 + i), 5432);
	fold_one(world, nginx, TA_TCP_ESTABLISHED, 80, 5000);
	fold_one(world, gone, TA_TCP_FIN_WAIT1, 40009, 5432);
	document = build(world);
	assert_int_equal(json_array_size(json_object_get(document, "groups")), 3);
	found = row(document, "groups", 0);
	assert_number(found, "id", (int64_t)pod);
	assert_number(found, "sockets", 5);
	assert_text(found, "path", "/" POD);
	assert_text(found, "slice", "kubepods-pod0a1b2c3d_1111_2222_3333_444455556666.slice");
	assert_text(json_object_get(found, "container"), "engine", "containerd");
	assert_text(json_object_get(found, "container"), "pod_uid", UID);
	assert_number(json_object_get(found, "close_wait"), "outbound", 5);
	assert_number(json_object_get(found, "states"), "close_wait", 5);
	found = row(document, "groups", 1);
	assert_text(found, "unit", "nginx.service");
	assert_number(found, "listeners", 1);
	found = row(document, "groups", 2);
	assert_number(found, "id", (int64_t)gone);
	assert_text(found, "path", NULL);
	assert_number(document, "groups_left_out", 0);
	assert_text(row(document, "gaps", 0), "what", "paths of 1 control groups with sockets");
	/* and they name whom no process names */
	assert_text(row(document, "listeners", 0), "unit", "nginx.service");
	assert_text(row(document, "destinations", 0), "container", "containerd:9f86d081884c");
	assert_text(row(document, "destinations", 0), "pod_uid", UID);
}

static void no_more_than_a_hundred_are_shown(void **state)
{
	enum { GROUPS = 130, SHOWN = 100 };
	struct world *world = *state;
	const json_t *document;

	put_mounts(world, V2);
	put_group(world, "");
	for (unsigned n = 0; n < GROUPS; n++)
		for (unsigned i = 0; i < 1 + n * 7 % GROUPS; i++)
			fold_one(world, 2 + n, TA_TCP_ESTABLISHED, (uint16_t)(40000 + i), 5432);
	document = build(world);
	assert_int_equal(json_array_size(json_object_get(document, "groups")), SHOWN);
	for (size_t i = 0; i < SHOWN; i++)
		assert_number(row(document, "groups", i), "sockets", (int64_t)(GROUPS - i));
	assert_number(document, "groups_left_out", GROUPS - SHOWN);
}

static void a_known_process_goes_first(void **state)
{
	struct world *world = *state;
	const json_t *document, *found;
	uint64_t other;

	put_mounts(world, V2);
	other = put_group(world, "system.slice/other.service");
	put_file(world->files, "proc/30/cgroup", "0::/system.slice/mine.service\n", 30);
	world->processes.rows = calloc(1, sizeof(*world->processes.rows));
	assert_non_null(world->processes.rows);
	world->processes.rows[0] = (struct ta_process){ .pid = 30, .name = "mine" };
	world->processes.count = 1;
	world->fold.processes = &world->processes;
	assert_true(ta_holders_add(&world->processes.holders, 9, 0));
	fold_one(world, other, TA_TCP_LISTEN, 80, 0);
	fold_one(world, other, TA_TCP_ESTABLISHED, 40000, 5432);
	document = build(world);
	for (int i = 0; i < 2; i++) {
		found = row(document, i ? "destinations" : "listeners", 0);
		assert_text(found, "process", "mine");
		assert_text(found, "unit", "mine.service");
	}
	assert_text(row(document, "groups", 0), "unit", "other.service");
	assert_null(why_silent(document));
}

static void silence_is_a_gap_where_nobody_is_named(void **state)
{
	struct world *world = *state;

	put_mounts(world, "40 30 0:36 / /sys/fs/cgroup rw - cgroup cgroup rw,pids\n");
	fold_one(world, 0, TA_TCP_LISTEN, 80, 0); /* /proc/net/tcp, or an old kernel */
	assert_non_null(strstr(why_silent(build(world)), "since Linux 5.8"));
	fold_one(world, TA_CGROUP_ROOT_ID, TA_TCP_LISTEN, 80, 0); /* v1 */
	assert_non_null(strstr(why_silent(build(world)), "are of v1"));
	fold_one(world, 77, TA_TCP_LISTEN, 80, 0); /* v2, not mounted here */
	assert_non_null(strstr(why_silent(build(world)), "in sight"));
	assert_null(json_object_get(world->document, "groups"));
	world->fold.processes = &world->processes; /* all have a name: nothing is missing */
	world->fold.owned.named = world->fold.owned.held;
	assert_null(why_silent(build(world)));
	assert_null(json_object_get(world->document, "groups"));
}

int main(void)
{
#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, make_world, end_world)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(sockets_count_for_their_group),
		WORLD_TEST(too_many_groups_are_counted),
		cmocka_unit_test(more_than_half_win_a_vote),
		WORLD_TEST(ids_lead_to_paths),
		WORLD_TEST(paths_begin_at_the_top_of_the_mount),
		WORLD_TEST(without_a_mount_there_is_no_path),
		WORLD_TEST(a_walk_has_an_end),
		WORLD_TEST(long_names_have_an_end),
		WORLD_TEST(groups_are_shown_by_their_sockets),
		WORLD_TEST(no_more_than_a_hundred_are_shown),
		WORLD_TEST(a_known_process_goes_first),
		WORLD_TEST(silence_is_a_gap_where_nobody_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
