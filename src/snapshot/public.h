/* public.h - names that are no secret of anybody: rules/public.json, compiled in.
 *
 * What --redact leaves as it is: programs of public software, folders that every Linux has, and
 * what rules look for in names and texts. Loaded at first use, kept to the end. */
#ifndef SNAPSHOT_PUBLIC_H
#define SNAPSHOT_PUBLIC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "tcpadvise/error.h"

struct ta_public;

/* NULL with *err set. */
const struct ta_public *ta_public(struct ta_error *err);

/* Whether the name as a whole is one of them; a version or number behind it is passed over, as in
 * "python3.11", "session-4". */
bool ta_public_has(const struct ta_public *names, struct ta_slice name);

/* Length of what the name begins with that is known to begin the name of an interface ("veth"). */
size_t ta_public_interface(const struct ta_public *names, struct ta_slice name);

/* Whether a dotted word begins like one that is no host name ("net.ipv4.", "java.net."). */
bool ta_public_is_dotted(const struct ta_public *names, struct ta_slice word);

/* The ending of a unit (".service"), of a file (".conf"); of no length when it has none, or nothing
 * stands before it. */
struct ta_slice ta_public_unit_ending(const struct ta_public *names, struct ta_slice name);
struct ta_slice ta_public_file_ending(const struct ta_public *names, struct ta_slice name);

#endif
