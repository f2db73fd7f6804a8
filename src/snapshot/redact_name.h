/* redact_name.h - how each kind of name is written in a redacted document.
 *
 * Each function appends what stands for the name. What public.h knows stays, and so does what is no
 * name: "", "*", numbers. */
#ifndef SNAPSHOT_REDACT_NAME_H
#define SNAPSHOT_REDACT_NAME_H

#include "base/buf.h"
#include "base/slice.h"
#include "snapshot/pseudonym.h"
#include "snapshot/pseudonym_address.h"

/* What is known of the documents that are redacted together. */
struct ta_redaction {
	struct ta_pseudonyms names;
	struct ta_address_book addresses;
};

typedef void ta_redact_part(struct ta_redaction *redaction, struct ta_slice name,
			    struct ta_buf *out);

ta_redact_part ta_redact_host;      /* "db1.example.net"; "db1" is the same */
ta_redact_part ta_redact_user;      /* also "@group" */
ta_redact_part ta_redact_process;   /* a command name; of a longer one its first 15 bytes count */
ta_redact_part ta_redact_unit;      /* "billing.service", "openvpn@site.service" */
ta_redact_part ta_redact_container; /* an id, an id that was cut, a name; "docker:ID" */
ta_redact_part ta_redact_uuid;
ta_redact_part ta_redact_namespace; /* as collect/netns_name.c makes them, or a path */
ta_redact_part ta_redact_interface;
ta_redact_part ta_redact_key;  /* of a sysctl: may hold the name of an interface */
ta_redact_part ta_redact_path; /* of a file or a control group; each part for itself */
ta_redact_part ta_redact_profile;
ta_redact_part ta_redact_address; /* with a port or none; a host; a path */

/* Length of the UUID, written with - or _, or of the hexadecimal id that the text begins with; 0
 * when there is none. */
size_t ta_redact_uuid_scan(struct ta_slice text);
size_t ta_redact_id_scan(struct ta_slice text);

#endif
