/* Unit tests of src/collect/cgroup.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "collect/cgroup.h"

#define ID  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define UID "0a1b2c3d-1111-2222-3333-444455556666"

static const struct {
	const char *text, *kind, *unit, *engine, *container, *pod;
} cases[] = {
	{ "", "other", NULL, NULL, NULL, NULL },
	{ "0::/\n", "other", NULL, NULL, NULL, NULL },
	{ "garbage", "other", NULL, NULL, NULL, NULL },
	{ "0::", "other", NULL, NULL, NULL, NULL },
	{ "0::/init.scope\n", "other", "init.scope", NULL, NULL, NULL },
	{ "0::/system.slice/nginx.service\n", "service", "nginx.service", NULL, NULL, NULL },
	{ "0::/system.slice/system-getty.slice/getty@tty1.service\n", "service",
	  "getty@tty1.service", NULL, NULL, NULL },
	{ "0::/system.slice/my\\x2dapp.service/worker\n", "service", "my\\x2dapp.service", NULL,
	  NULL, NULL },
	{ "0::/user.slice/user-1000.slice/session-3.scope\n", "session", "session-3.scope", NULL,
	  NULL, NULL },
	{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/web.service\n", "session",
	  "web.service", NULL, NULL, NULL },
	/* hybrid: the unified line says nothing */
	{ "9:name=systemd:/system.slice/a.service\n8:pids:/x\n0::/\n", "service", "a.service", NULL,
	  NULL, NULL },
	{ "8:pids:/docker/" ID "\n1:cpu:/\n", "container", NULL, "docker", ID, NULL },
	{ "0::/system.slice/docker-" ID ".scope\n", "container", NULL, "docker", ID, NULL },
	{ "0::/system.slice/docker.service\n", "service", "docker.service", NULL, NULL, NULL },
	{ "0::/docker/buildkit/x\n", "other", NULL, NULL, NULL, NULL },
	{ "0::/machine.slice/libpod-" ID ".scope/container\n", "container", NULL, "podman", ID,
	  NULL },
	{ "0::/machine.slice/libpod-conmon-" ID ".scope\n", "other", "libpod-conmon-" ID ".scope",
	  NULL, NULL, NULL },
	{ "0::/system.slice/web.service/libpod-payload-" ID "\n", "container", "web.service",
	  "podman", ID, NULL },
	{ "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
	  "0a1b2c3d_1111_2222_3333_444455556666.slice/cri-containerd-" ID ".scope\n",
	  "container", NULL, "containerd", ID, UID },
	{ "0::/kubepods.slice/kubepods-pod0a1b2c3d_1111_2222_3333_444455556666.slice/crio-" ID
	  ".scope\n",
	  "container", NULL, "crio", ID, UID },
	{ "11:pids:/kubepods/besteffort/pod" UID "/" ID "\n", "container", NULL, "kubernetes", ID,
	  UID },
	{ "0::/system.slice/containerd.service/kubepods-burstable-pod"
	  "0a1b2c3d_1111_2222_3333_444455556666.slice:cri-containerd:" ID "\n",
	  "container", NULL, "containerd", ID, UID },
	{ "0::/lxc.payload.web/system.slice/nginx.service\n", "container", NULL, "lxc", "web",
	  NULL },
	{ "0::/machine.slice/machine-db.scope/payload\n", "container", NULL, "nspawn", "db", NULL },
	{ "0::/machine.slice/machine-qemu\\x2d1\\x2dvm.scope\n", "other",
	  "machine-qemu\\x2d1\\x2dvm.scope", NULL, NULL, NULL },
	/* systemd listens in the group of the socket unit */
	{ "0::/system.slice/sshd.socket\n", "other", "sshd.socket", NULL, NULL, NULL },
	{ "0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
	  "kubelet-kubepods-burstable-pod0a1b2c3d_1111_2222_3333_444455556666.slice/"
	  "cri-containerd-" ID ".scope\n",
	  "container", NULL, "containerd", ID, UID },
	{ "0::/my-pod.slice/cri-containerd-" ID ".scope\n", "container", NULL, "containerd", ID,
	  NULL },
	{ "4:pids:/ecs/e1c5f2a7-0000-1111-2222-333344445555/" ID "\n", "container", NULL, "docker",
	  ID, NULL },
	{ "4:pids:/ecs/cluster/e1c5f2a7000011112222333344445555/" ID "\n", "container", NULL,
	  "docker", ID, NULL },
	{ "4:pids:/mine/ecs/" ID "\n", "other", NULL, NULL, NULL, NULL },
	{ "0::/podcast/" ID "\n", "other", NULL, NULL, NULL, NULL },
};

static void assert_slice(struct ta_slice slice, const char *expected, const char *text)
{
	if (!expected && !slice.data)
		return;
	if (!expected || !slice.data || slice.len != strlen(expected) ||
	    memcmp(slice.data, expected, slice.len) != 0)
		fail_msg("of %s: '%.*s', not '%s'", text, (int)slice.len,
			 slice.data ? slice.data : "", expected ? expected : "(none)");
}

static void paths_name_their_owner(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		struct ta_cgroup cgroup;

		ta_cgroup_parse(cases[i].text, strlen(cases[i].text), &cgroup);
		assert_string_equal(cgroup.kind, cases[i].kind);
		assert_slice(cgroup.unit, cases[i].unit, cases[i].text);
		assert_string_equal(cgroup.engine ? cgroup.engine : "",
				    cases[i].engine ? cases[i].engine : "");
		assert_slice(cgroup.container, cases[i].container, cases[i].text);
		assert_string_equal(cgroup.pod_uid, cases[i].pod ? cases[i].pod : "");
	}
}

static void the_innermost_slice_is_told(void **state)
{
	static const char *const paths[][2] = {
		{ "/", NULL },
		{ "/nginx.service", NULL },
		{ "/system.slice", "system.slice" },
		{ "/system.slice/system-getty.slice/getty@tty1.service", "system-getty.slice" },
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice/a.scope", "app.slice" },
		{ "/system.slice/docker-" ID ".scope/kubepods.slice", "system.slice" },
		{ "/.slice", NULL },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(paths); i++) {
		struct ta_cgroup cgroup;

		ta_cgroup_parse_path(paths[i][0], strlen(paths[i][0]), &cgroup);
		assert_slice(cgroup.slice, paths[i][1], paths[i][0]);
	}
}

/* Every prefix of every case, in a block of exactly its size: nothing is read past its end. */
static void cut_texts_do_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++)
		for (size_t len = 0; len < strlen(cases[i].text); len++) {
			struct ta_cgroup cgroup;
			char *copy = malloc(len ? len : 1);

			assert_non_null(copy);
			memcpy(copy, cases[i].text, len);
			ta_cgroup_parse(copy, len, &cgroup);
			assert_non_null(cgroup.kind);
			free(copy);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_name_their_owner),
		cmocka_unit_test(the_innermost_slice_is_told),
		cmocka_unit_test(cut_texts_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
