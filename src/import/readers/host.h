/* host.h - facts of the host that several formats tell. */
#ifndef IMPORT_READERS_HOST_H
#define IMPORT_READERS_HOST_H

#include "import/reader.h"

/* "6.1.0-18-amd64": host.kernel. TA_WRONG when it has not this form. */
enum ta_take ta_note_kernel_release(struct ta_reading *reading, const struct ta_line *line,
				    struct ta_slice release);

/* host.name. TA_WRONG when it can't be the name of a host. */
enum ta_take ta_note_host_name(struct ta_reading *reading, const struct ta_line *line,
			       struct ta_slice name);

#endif
