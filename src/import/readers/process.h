/* process.h - which process captured text is of. */
#ifndef IMPORT_READERS_PROCESS_H
#define IMPORT_READERS_PROCESS_H

#include "import/reader.h"

/* "/proc/769/limits" -> 769, "limits"; with a root before it, too. False for another path, such as
 * one of /proc/self. */
bool ta_process_path(struct ta_slice path, uint32_t *ret_pid, struct ta_slice *ret_file);

/* A process id: a number from 1 on. */
bool ta_process_id(struct ta_slice text, uint32_t *ret);

/* The one process that "-p PID", "-pPID", "--pid PID" or "--pid=PID" names; false when none or
 * several are named. */
bool ta_process_option(const struct ta_command *command, uint32_t *ret);

/* Its name; one of no length is left out. */
void ta_note_process_name(struct ta_reading *reading, const struct ta_line *line, uint32_t pid,
			  struct ta_slice name);

void ta_note_process_uint(struct ta_reading *reading, const struct ta_line *line, uint32_t pid,
			  const char *key, uint64_t value);

#endif
