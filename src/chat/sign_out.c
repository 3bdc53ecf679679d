/* SPDX-License-Identifier: MIT */
#include "chat/state.h"

#include <string.h>

/*
 * Tokens that are good no more: who came with one is put out, on the worker
 * that owns them, as the store feeds what ended it.  What was committed before
 * a session was in the domain, its reading of the person tells.
 */

bool
sign_out_why(const struct chat *chat, const struct store_access *access,
    const struct session_token *token, enum session_end *why)
{
	*why = SESSION_END_DISABLED;
	if (access->flags & ACCOUNT_DISABLED)
		return true;
	*why = SESSION_END_BANNED;
	if (access->banned_until_us > chat_now_us(chat))
		return true;
	*why = SESSION_END_SIGNED_OUT;
	if (access->flags & ACCOUNT_DEACTIVATED)
		return true;
	if (token->by_name)
		return access->claimed;
	/* A token of a sign-in dies with it; `iat` has no fractions. */
	if (token->family != 0)
		return !access->family_alive;
	return access->tokens_from_us != 0 &&
	    token->issued_s <= access->tokens_from_us / 1000000;
}

static void
checked(struct store_read *read)
{
	struct session *session =
	    chat_session(read->arg, read->asker, read->session);
	const struct session_token token = {.family = read->family};
	enum session_end why = SESSION_END_SIGNED_OUT;

	if (session != NULL && (read->status != STORE_OK ||
		sign_out_why(read->arg, &read->access, &token, &why)))
		session_end(session, why);
	store_read_free(read);
}

/* Whether its sign-in was one of those that ended, the store knows. */
static void
check(struct session *session)
{
	struct store_read *read;

	read = session_read(session, STORE_READ_USER, checked, 0);
	if (read == NULL) {
		session_end(session, SESSION_END_ERROR);
		return;
	}
	read->family = session->family;
	store_query(session->chat->store, read);
}

static void
end_session(struct session *session, const struct store_write *write)
{
	if (strcmp(session->device, write->device) == 0)
		session_end(session, SESSION_END_SIGNED_OUT);
	else if (session->family != 0)
		check(session);
}

/* The sign-in of a device, whatever devices its connections said they are. */
static void
end_device(struct chat *chat, const struct store_write *write)
{
	struct person *person = person_find(chat, write->record.sender);
	struct session *session, *next;

	for (session = person != NULL ? person->sessions : NULL;
	     session != NULL; session = next) {
		next = session->next;
		if (!session->quiet)
			end_session(session, write);
	}
}

/* Those of one sign-in (0: all) but for another. */
static void
end_family(struct chat *chat, uint64_t uid, uint64_t family, uint64_t but,
    enum session_end why)
{
	struct person *person = person_find(chat, uid);
	struct session *session, *next;

	for (session = person != NULL ? person->sessions : NULL;
	     session != NULL; session = next) {
		next = session->next;
		if (!session->quiet &&
		    (family == 0 || session->family == family) &&
		    (but == 0 || session->family != but))
			session_end(session, why);
	}
}

/* What is shut leaves nobody in. */
static void
account_changed(struct chat *chat, const struct store_write *write)
{
	const struct store_account *account = write->account;
	unsigned flags = account->has & ACCOUNT_FLAGS
	    ? account->flags & account->flags_mask : 0;
	enum session_end why = SESSION_END_SIGNED_OUT;
	uint64_t keep = account->keep_family;

	if (!account->signed_out)
		return;
	if (flags & (ACCOUNT_DISABLED | ACCOUNT_DEACTIVATED))
		keep = 0;
	if (flags & ACCOUNT_DISABLED) {
		why = SESSION_END_DISABLED;
	} else if (account->has & ACCOUNT_BANNED &&
	    account->banned_until_us > chat_now_us(chat)) {
		keep = 0;
		why = SESSION_END_BANNED;
	}
	end_family(chat, write->record.sender, 0, keep, why);
}

void
sign_out_feed(struct chat *chat, const struct store_write *write)
{
	uint64_t uid = write->record.sender;
	struct person *person = person_find(chat, uid);

	if (person != NULL)
		person->access_changes++;
	switch (write->kind) {
	case STORE_WRITE_ACCOUNT:
		account_changed(chat, write);
		break;
	case STORE_WRITE_REFRESH:
		end_family(chat, uid, write->token->family.id, 0,
		    SESSION_END_SIGNED_OUT);
		break;
	case STORE_WRITE_SIGN_OUT:
		if (write->device[0] != '\0')
			end_device(chat, write);
		else
			end_family(chat, uid, write->family, 0,
			    SESSION_END_SIGNED_OUT);
		break;
	default: /* REGISTER of a name that was there, RESET */
		end_family(chat, uid, 0, 0, SESSION_END_SIGNED_OUT);
		break;
	}
}
