/* SPDX-License-Identifier: MIT */
#include "client/signin.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "client/address.h"

#define TIMEOUT_MS 10000L
#define ANSWER_MAX 65536
#define URL_SIZE 1024

struct signin {
	struct address address;
	char *access, *refresh;
};

/* -------------------------------------------------------------------- HTTP */

static size_t
take_bytes(char *data, size_t size, size_t n, void *arg)
{
	struct buf *answer = arg;

	if (buf_readable(answer) + size * n > ANSWER_MAX)
		return 0;
	buf_append(answer, data, size * n);
	return answer->failed ? 0 : size * n;
}

static void
set_options(CURL *easy, const struct address *address, const char *path)
{
	bool v6 = strchr(address->node, ':') != NULL;
	const char *authorities = getenv("SSL_CERT_FILE");
	char url[URL_SIZE];

	snprintf(url, sizeof(url), "%s://%s%s%s:%s%s/api/%s",
	    address->secure ? "https" : "http", v6 ? "[" : "", address->node,
	    v6 ? "]" : "", address->service, address->path, path);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* the socket has none */
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	if (authorities != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
}

/* The status; 0: no answer, and err says why. */
static long
transfer(const struct address *address, const char *path, const char *body,
    struct buf *answer, struct error *err)
{
	CURL *easy = curl_easy_init();
	struct curl_slist *fields = curl_slist_append(NULL,
	    "Content-Type: application/json");
	CURLcode rc = CURLE_OUT_OF_MEMORY;
	long status = 0;

	if (easy != NULL && fields != NULL) {
		set_options(easy, address, path);
		curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
		curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
		rc = curl_easy_perform(easy);
	}
	if (rc == CURLE_OK)
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	else
		error_set(err, ERROR_STATE, "cannot sign in: %s",
		    curl_easy_strerror(rc));
	curl_slist_free_all(fields);
	curl_easy_cleanup(easy);
	return status;
}

/* Takes over request.  NULL: refused, and err says why. */
static json_t *
post(const struct address *address, const char *path, json_t *request,
    struct error *err)
{
	char *body = request != NULL ?
	    json_dumps(request, JSON_COMPACT) : NULL;
	struct buf answer = {0};
	json_t *json = NULL;
	const char *detail;
	long status = 0;

	json_decref(request);
	if (body == NULL) {
		error_set(err, ERROR_INPUT, "the password must be UTF-8");
		return NULL;
	}
	status = transfer(address, path, body, &answer, err);
	explicit_bzero(body, strlen(body));
	free(body);
	if (status != 0)
		json = json_parse_object(buf_start(&answer),
		    buf_readable(&answer), NULL);
	buf_fini(&answer);
	if (status == 0 || (status == 200 && json != NULL))
		return json;
	detail = json_string_value(json_object_get(json, "detail"));
	error_set(err, ERROR_STATE, "cannot sign in: %s", detail != NULL ?
	    detail : "the server does not speak of accounts");
	json_decref(json);
	return NULL;
}

/* ------------------------------------------------------------------ tokens */

static void
forget(char **secret)
{
	if (*secret != NULL)
		explicit_bzero(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

/* Takes over answer, which may be NULL. */
static int
take_tokens(struct signin *signin, json_t *answer, struct error *err)
{
	char *access = NULL, *refresh = NULL;
	int rc = -1;

	if (answer != NULL)
		json_unpack(answer, "{s:s, s:s}", "access_token", &access,
		    "refresh_token", &refresh);
	access = access != NULL && refresh != NULL ? strdup(access) : NULL;
	refresh = access != NULL ? strdup(refresh) : NULL;
	if (refresh != NULL) {
		forget(&signin->access);
		forget(&signin->refresh);
		signin->access = access;
		signin->refresh = refresh;
		rc = 0;
	} else if (answer != NULL) {
		forget(&access);
		error_set(err, ERROR_STATE,
		    "cannot sign in: the server gives no tokens");
	}
	json_decref(answer);
	return rc;
}

struct signin *
signin_new(const struct signin_options *options, struct error *err)
{
	struct signin *signin = calloc(1, sizeof(*signin));

	if (signin == NULL) {
		error_set(err, ERROR_NOMEM, "no memory");
		return NULL;
	}
	if (address_parse(options->server, &signin->address, err) != 0 ||
	    take_tokens(signin, post(&signin->address, "login",
	    json_pack("{s:s, s:s, s:s}", "name", options->name, "password",
	    options->password, "device", options->device), err), err) != 0) {
		signin_free(signin);
		return NULL;
	}
	return signin;
}

static json_t *
show_refresh(const struct signin *signin)
{
	return json_pack("{s:s}", "refresh_token", signin->refresh);
}

void
signin_free(struct signin *signin)
{
	if (signin == NULL)
		return;
	if (signin->refresh != NULL)
		json_decref(post(&signin->address, "logout",
		    show_refresh(signin), NULL));
	forget(&signin->access);
	forget(&signin->refresh);
	free(signin);
}

const char *
signin_token(const struct signin *signin)
{
	return signin->access;
}

int
signin_renew(struct signin *signin, struct error *err)
{
	return take_tokens(signin, post(&signin->address, "refresh",
	    show_refresh(signin), err), err);
}
