/* fake_root.h - a host made of files in a temporary folder, for tests of the collectors. */
#ifndef TESTS_FAKE_ROOT_H
#define TESTS_FAKE_ROOT_H

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

struct broken {
	char root[64];
};

static int make_broken(void **state)
{
	struct broken *broken = calloc(1, sizeof(*broken));
	char path[128];

	if (!broken)
		return -1;
	strcpy(broken->root, "/tmp/tcpadvise-test-XXXXXX");
	if (!mkdtemp(broken->root))
		return -1;
	snprintf(path, sizeof(path), "%s/proc", broken->root);
	*state = broken;
	return mkdir(path, 0700);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_broken(void **state)
{
	struct broken *broken = *state;
	int failed = nftw(broken->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);

	free(broken);
	return failed;
}

/* Writes a file below the root and makes the folders on its way. */
static void put_file(const struct broken *broken, const char *name, const char *text, size_t len)
{
	struct ta_error err = TA_ERROR_INIT;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", broken->root, name);
	for (char *slash = path + strlen(broken->root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
		*slash = '/';
	}
	if (!ta_file_write_atomic(path, text, len, &err))
		fail_msg("%s", err.text);
}

#endif
