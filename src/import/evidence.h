/* evidence.h - what was understood of captured text, each fact with its place.
 *
 * Readers note facts as they find them; when all is read they become one snapshot. Of two that
 * contradict the later one counts, and the document says so. Nothing fails in a note: when memory
 * runs out that sticks and ends the import. */
#ifndef IMPORT_EVIDENCE_H
#define IMPORT_EVIDENCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "import/line.h"
#include "sockets/socket.h"

struct ta_reading; /* the text that is being read: reader.h */

/* Where in the document a fact belongs. */
enum ta_home {
	TA_HOME_ROOT, /* "files", "processes" */
	TA_HOME_HOST,
	TA_HOME_NETNS, /* of the namespace that the text is of */
};

/* ---- facts ---- */

/* The group is the way to the object that has the member: "counters.TcpExt", "sysctl"; "" for the
 * home itself. The value becomes the evidence's. */
void ta_note(struct ta_reading *reading, const struct ta_line *line, enum ta_home home,
	     const char *group, const char *key, json_t *value);
void ta_note_uint(struct ta_reading *reading, const struct ta_line *line, enum ta_home home,
		  const char *group, const char *key, uint64_t value);
void ta_note_text(struct ta_reading *reading, const struct ta_line *line, enum ta_home home,
		  const char *group, const char *key, struct ta_slice value);

/* A member of a row of an array, which is told from the others by its member id_key: interfaces by
 * "name". The row is made when it is new. Both values become the evidence's. */
void ta_note_row(struct ta_reading *reading, const struct ta_line *line, enum ta_home home,
		 const char *array, const char *id_key, json_t *id, const char *key, json_t *value);

/* The same of a process. */
void ta_note_process(struct ta_reading *reading, const struct ta_line *line, uint32_t pid,
		     const char *key, json_t *value);

/* A sysctl by its dotted key, its value as printed. One that the catalogue does not have is left
 * out: false. */
bool ta_note_sysctl(struct ta_reading *reading, const struct ta_line *line, struct ta_slice key,
		    struct ta_slice value);

/* What a program said went wrong; alike ones become one row ("reported.errors"). Empty slices and a
 * port of 0 are left out. */
struct ta_reported_error {
	const char *error; /* "EADDRNOTAVAIL" */
	const char *call;  /* as in the schema; NULL: not told */
	struct ta_slice address, program;
	uint16_t port;
	struct ta_slice text;
};
void ta_note_error(struct ta_reading *reading, const struct ta_line *line,
		   const struct ta_reported_error *error);

/* A row of "reported.requests" or "reported.paths": an object, which becomes the evidence's. */
void ta_note_report(struct ta_reading *reading, const struct ta_line *line, const char *array,
		    json_t *row);

/* A message of the kernel, without what stands before it. false when it is no event that we know.
 */
bool ta_note_kernel(struct ta_reading *reading, const struct ta_line *line,
		    struct ta_slice message);

/* The message that was noted last stands for so many more, which the kernel left out. */
void ta_note_kernel_again(struct ta_reading *reading, const struct ta_line *line, uint64_t times);

/* The backlog that a program says it asked for, of the listener on this port. */
void ta_note_backlog_asked(struct ta_reading *reading, const struct ta_line *line, uint16_t port,
			   uint64_t backlog, struct ta_slice program);

/* ---- listings of sockets ---- */

/* Sockets in a listing are the same ones as in another listing of the same namespace. What a
 * listing has in full (states, a bit each: 1u << TA_TCP_LISTEN) takes the place of what earlier
 * ones had; rows that somebody picked show only that such sockets are there. */
struct ta_holder_name {
	uint32_t pid;
	bool of_command;      /* the name is of the command line, not the process's own */
	struct ta_slice name; /* empty: not told */
};

/* One row of the listing that the text is in; it begins with the first. The socket's present bits
 * say what the listing tells of it; its inode may be 0 where they have TA_SOCKET_INODE: nobody
 * holds it. */
void ta_note_socket(struct ta_reading *reading, const struct ta_line *line,
		    const struct ta_socket *socket, const struct ta_holder_name *holders,
		    size_t holder_count);

/* The listing ends. covers: the states that it has in full, 0 when rows were picked; with one of
 * the bits below, of that family only. A reader calls this from its end(), and where the listing
 * ends before. */
#define TA_ONLY_IPV4 (1u << 30)
#define TA_ONLY_IPV6 (1u << 31)
void ta_note_listing_end(struct ta_reading *reading, uint32_t covers);

/* A listing of one family that has a header and no row. */
void ta_note_listing_empty(struct ta_reading *reading, uint32_t covers);

/* A count of sockets in a state that somebody else made (ss -s, a tally). picked: of some of them.
 */
void ta_note_state(struct ta_reading *reading, const struct ta_line *line, unsigned state,
		   uint64_t count, bool picked);

#endif
