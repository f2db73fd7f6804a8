/* told.c - see told.h. */
#include "sockets/told.h"

const struct ta_told ta_told_all = {
	.seen = TA_ALL_STATES,
	.full = TA_ALL_STATES,
	.sided = TA_ALL_STATES,
	.present = {
		[TA_TCP_ESTABLISHED] = UINT8_MAX,
		[TA_TCP_SYN_SENT] = UINT8_MAX,
		[TA_TCP_SYN_RECV] = UINT8_MAX,
		[TA_TCP_FIN_WAIT1] = UINT8_MAX,
		[TA_TCP_FIN_WAIT2] = UINT8_MAX,
		[TA_TCP_TIME_WAIT] = UINT8_MAX,
		[TA_TCP_CLOSE] = UINT8_MAX,
		[TA_TCP_CLOSE_WAIT] = UINT8_MAX,
		[TA_TCP_LAST_ACK] = UINT8_MAX,
		[TA_TCP_LISTEN] = UINT8_MAX,
		[TA_TCP_CLOSING] = UINT8_MAX,
	},
};
