/* sysctl.c - see sysctl.h. */
#include "collect/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/language.h"
#include "snapshot/tunables.h"

enum { FILE_CAP = 1 << 20 };

/* Puts the file's content under key, in the catalogue's shape; false when it does not have it. */
static bool build_value(struct ta_builder *builder, json_t *object,
			const struct ta_tunable *tunable, const struct ta_buf *buf)
{
	struct ta_error err = TA_ERROR_INIT;
	json_t *value;

	if (ta_tunable_value(tunable, ta_buf_cstr(buf), buf->len, &value, &err))
		ta_build_value(builder, object, tunable->key, value);
	else if (err.code == TA_E_NOMEM)
		builder->failed = true;
	return err.code != TA_E_INPUT;
}

static const char *fact_of(const struct ta_tunable *tunable, char *buf, size_t size)
{
	snprintf(buf, size, "%s[\"%s\"]",
		 tunable->scope == TA_TUNABLE_HOST ? "host.sysctl" : "namespaces[].sysctl",
		 tunable->key);
	return buf;
}

/* The folder of the tunable that was read last. The next is mostly in the same one, and of a
 * thousand network namespaces the kernel has as many folders of each name: to find the right one is
 * half of the work. */
struct folder {
	const struct ta_root *root;
	char path[256];
	int fd, failed;
};

static void folder_close(struct folder *folder)
{
	ta_close_p(&folder->fd);
	folder->fd = -1;
}

/* Opens the folder of the first len bytes of path unless it is open. */
static void folder_open(struct folder *folder, const char *path, size_t len)
{
	char wanted[sizeof(folder->path)];

	if (snprintf(wanted, sizeof(wanted), "sys/%.*s", (int)len, path) >= (int)sizeof(wanted)) {
		folder_close(folder);
		folder->path[0] = '\0';
		folder->failed = ENAMETOOLONG;
		return;
	}
	if (strcmp(folder->path, wanted) == 0)
		return;
	folder_close(folder);
	memcpy(folder->path, wanted, strlen(wanted) + 1);
	folder->fd = openat(folder->root->proc_fd, wanted, O_PATH | O_DIRECTORY | O_CLOEXEC);
	folder->failed = folder->fd < 0 ? errno : 0;
}

/* 0, an errno, or -1 when the content has not the catalogue's form. */
static int read_one(struct folder *folder, const struct ta_tunable *tunable, struct ta_buf *buf,
		    struct ta_builder *builder, json_t *object)
{
	const char *slash = strrchr(tunable->path, '/');
	const char *name = slash ? slash + 1 : tunable->path;
	int failed;

	folder_open(folder, tunable->path, (size_t)(name - tunable->path));
	failed = folder->failed ? folder->failed : ta_root_read_at(folder->fd, name, buf);
	if (failed)
		return failed;
	return build_value(builder, object, tunable, buf) ? 0 : -1;
}

/* Every kernel has tcp_mem, and shows it in the initial network namespace only (4.15 and later;
 * net/ipv4/sysctl_net_ipv4.c): where it is not, its like are not either. */
static void build_hidden_gap(struct ta_builder *builder, const json_t *of_host)
{
	if (!json_object_get(of_host, "net.ipv4.tcp_mem"))
		ta_build_gap(
			builder, N_("host-wide tunables, such as net.ipv4.tcp_mem"),
			N_("a child network namespace does not show them: look from the host's"),
			"host.sysctl", NULL);
}

/* The tunables of one scope. */
static bool build_scope(const struct ta_root *root, enum ta_tunable_scope scope,
			struct ta_builder *builder, json_t *object, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	ta_auto(folder_close) struct folder folder = { .root = root, .fd = -1 };
	size_t count = 0;
	const struct ta_tunable *tunables = ta_tunables(&count, err);

	if (!tunables)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct ta_tunable *tunable = &tunables[i];
		char fact[256];
		int failed;

		if (!tunable->readable || !tunable->path || tunable->scope != scope)
			continue;
		failed = read_one(&folder, tunable, &buf, builder, object);
		if (failed && failed != ENOENT)
			ta_build_gap(builder, tunable->key,
				     failed > 0 ? strerror(failed)
						: N_("the value is not of the catalogue's type"),
				     fact_of(tunable, fact, sizeof(fact)), NULL);
	}
	return true;
}

bool ta_sysctl_build(const struct ta_root *root, struct ta_builder *builder, json_t *namespace_,
		     struct ta_error *err)
{
	return build_scope(root, TA_TUNABLE_NETNS, builder,
			   ta_build_object(builder, namespace_, "sysctl"), err);
}

bool ta_host_sysctl_build(const struct ta_root *root, struct ta_builder *builder, json_t *host,
			  struct ta_error *err)
{
	json_t *object = ta_build_object(builder, host, "sysctl");

	if (!build_scope(root, TA_TUNABLE_HOST, builder, object, err))
		return false;
	build_hidden_gap(builder, object);
	return true;
}

/* ---- files ---- */

int64_t ta_files_allocated(const struct ta_root *root)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(4096);
	int64_t number;

	return ta_root_read_number(root, "sys/fs/file-nr", 0, &buf, &number) == 0 ? number : -1;
}

void ta_files_build(const struct ta_root *root, int64_t before, double window_s,
		    struct ta_builder *builder, json_t *files)
{
	/* The second number of file-nr is 0 since 2.6. */
	static const struct {
		const char *path, *name, *fact;
		int n;
	} fields[] = {
		{ "sys/fs/file-nr", "allocated", "files.allocated", 0 },
		{ "sys/fs/file-nr", "max", "files.max", 2 },
		{ "sys/fs/nr_open", "nr_open", "files.nr_open", 0 },
	};
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(4096);
	const json_t *allocated;
	int64_t number;

	for (size_t i = 0; i < TA_ARRAY_SIZE(fields); i++) {
		int failed = ta_root_read_number(root, fields[i].path, fields[i].n, &buf, &number);
		char what[64];

		if (!failed) {
			ta_build_int(builder, files, fields[i].name, number);
			continue;
		}
		snprintf(what, sizeof(what), "/proc/%s", fields[i].path);
		ta_build_gap(builder, what, strerror(failed), fields[i].fact, NULL);
	}
	allocated = json_object_get(files, "allocated");
	if (allocated && before >= 0 && window_s > 0)
		ta_build_real(builder, files, "allocated_per_s",
			      (double)(json_integer_value(allocated) - before) / window_s);
}
