/* TLS of the TCP port: OpenSSL, which libwebsockets brings along. Files are checked before anything
 * is opened, since the library tells no more than that it failed. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define ERR_STATE openssl_err_state
#include <openssl/err.h>
#include <openssl/ssl.h>
#undef ERR_STATE

#include "web/web_impl.h"

void tls_vhost(const struct web *w, struct lws_context_creation_info *info) {
    info->options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info->ssl_cert_filepath = w->certificate;
    info->ssl_private_key_filepath = w->tls_key;
    info->ssl_options_set = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 |
                            SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION;
    info->alpn = "http/1.1"; /* answers are written for it */
}

/* A key that asks for a password would ask it at the terminal. */
static int no_password(char *text, int n, int writing, void *user) {
    (void)text, (void)n, (void)writing, (void)user;
    return 0;
}

static bool say(char why[200], const char *what, const char *path) {
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    if (access(path, R_OK))
        reason = strerror(errno);
    snprintf(why, 200, "%s %.100s cannot be used: %.60s", what, path, reason ? reason : "?");
    ERR_clear_error();
    return false;
}

bool web_tls_check(const char *certificate, const char *key, char why[200]) {
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    bool ok = ctx != NULL;
    ERR_clear_error();
    if (!ok) {
        snprintf(why, 200, "certificate: out of memory");
        return false;
    }
    SSL_CTX_set_default_passwd_cb(ctx, no_password);
    if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1)
        ok = say(why, "certificate", certificate);
    else if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        ok = say(why, "key", key);
    else if (SSL_CTX_check_private_key(ctx) != 1)
        ok = say(why, "key", key);
    SSL_CTX_free(ctx);
    return ok;
}
