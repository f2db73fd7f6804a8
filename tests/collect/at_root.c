/* at_root.c - prints the snapshot of a host that is made of files: at_root FOLDER. */
#include <stdio.h>

#include "tcpadvise/snapshot.h"

int main(int argc, char **argv)
{
	struct ta_collect_options options = { .root = argc == 2 ? argv[1] : NULL };
	struct ta_error err = TA_ERROR_INIT;
	json_t *snapshot;

	if (!options.root)
		return 64;
	if (!ta_collect(&options, &snapshot, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	json_dumpf(snapshot, stdout, JSON_INDENT(1));
	json_decref(snapshot);
	return 0;
}
