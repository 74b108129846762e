"""A real authorization server (Authlib) on loopback, and what may go wrong with one.

It grants authorization codes with PKCE (S256 alone), client credentials, and refreshes with rotation: a refresh token that has been replaced and comes again
ends its grant, unless it comes within the grace of its client. Everything that goes wrong is a switch of the client that it happens to, so that
scenes do not disturb each other: see `Client.script`.
"""
import os, secrets, socket, threading, time
from email.utils import formatdate

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # it listens on loopback without TLS

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Flask, Response, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server


class Client:
    """A client as Authlib asks for it, with the switches of its scene."""

    def __init__(self, name, secret, redirect, grace=0.0):
        self.name, self.secret, self.redirect = name, secret, redirect
        self.grace = grace  # seconds in which a refresh token that was replaced is still taken
        self.script = []  # what becomes of the next refreshes; empty is nothing unusual
        self.skew = 0.0  # by how much the server's clock is ahead, in seconds
        self.expires_in = None  # in place of the true value
        self.requests = []  # (grant type, path, end) of every request to the token endpoint
        self.reuses = 0  # refresh tokens that came again too late
        self.changed = threading.Condition()
        self.released = threading.Event()

    def get_client_id(self):
        return self.name

    def get_default_redirect_uri(self):
        return self.redirect

    def get_allowed_scope(self, scope):
        return scope or ""

    def check_redirect_uri(self, uri):
        return uri == self.redirect

    def check_client_secret(self, secret):
        return secrets.compare_digest(secret, self.secret)

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_response_type(self, kind):
        return kind == "code"

    def check_grant_type(self, kind):
        return kind in ("authorization_code", "refresh_token", "client_credentials")

    def note(self, entry):
        with self.changed:
            self.requests.append(entry)
            self.changed.notify_all()

    def wait_for(self, count, timeout=60):
        """Returns once so many requests have come."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.requests) >= count, timeout):
                raise AssertionError(f"{self.name}: {len(self.requests)} requests came, and not {count}")

    def refreshes(self):
        with self.changed:
            return [entry for entry in self.requests if entry[0] == "refresh_token"]


class Code:
    def __init__(self, client, asked):
        self.client, self.redirect = client, asked.redirect_uri
        self.scope, self.code_challenge, self.code_challenge_method = asked.scope, asked.data["code_challenge"], asked.data["code_challenge_method"]

    def get_redirect_uri(self):
        return self.redirect

    def get_scope(self):
        return self.scope


class Token:
    def __init__(self, client, grant, token):
        self.client, self.grant, self.scope = client, grant, token.get("scope", "")
        self.access, self.refresh = token["access_token"], token.get("refresh_token")
        self.ends = time.monotonic() + token["expires_in"]
        self.replaced = None

    def check_client(self, client):
        return self.client is client

    def get_scope(self):
        return self.scope


class Grant:
    def __init__(self):
        self.revoked = False


class Server:
    def __init__(self):
        self.clients, self.codes, self.access, self.refresh = {}, {}, {}, {}
        self.lock = threading.Lock()
        self.app = Flask("authorization")
        self.app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
        self.app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"authorization_code": 3600, "refresh_token": 3600, "client_credentials": 3600}
        self.oauth = AuthorizationServer(self.app, query_client=self.clients.get, save_token=self.save)
        self.oauth.register_grant(self.code_grant(), [CodeChallenge(required=True)])
        self.oauth.register_grant(self.refresh_grant())
        self.oauth.register_grant(type("Credentials", (grants.ClientCredentialsGrant,), {"TOKEN_ENDPOINT_AUTH_METHODS": ["client_secret_basic"]}))
        self.app.add_url_rule("/authorize", view_func=self.authorize)
        self.app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.app.add_url_rule("/<entity>/token", view_func=self.token, methods=["POST"])
        self.app.add_url_rule("/resource", view_func=self.resource)
        self.http = make_server("127.0.0.1", 0, self.app, threaded=True, request_handler=Quiet)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    # The grants, as Authlib wants them.

    def code_grant(self):
        server = self

        class CodeGrant(grants.AuthorizationCodeGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

            def save_authorization_code(self, code, asked):
                server.codes[code] = Code(asked.client, asked.payload)

            def query_authorization_code(self, code, client):
                found = server.codes.get(code)
                return found if found and found.client is client else None

            def delete_authorization_code(self, code):
                server.codes = {key: value for key, value in server.codes.items() if value is not code}

            def authenticate_user(self, code):
                return Grant()

        return CodeGrant

    def refresh_grant(self):
        server = self

        class RefreshGrant(grants.RefreshTokenGrant):
            INCLUDE_NEW_REFRESH_TOKEN = True
            TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

            def authenticate_refresh_token(self, text):
                token = server.refresh.get(text)
                if token is None or token.grant.revoked:
                    return None
                if token.replaced is not None and time.monotonic() - token.replaced > token.client.grace:
                    # RFC 9700, section 4.14.2: one of the two who hold it has stolen it.
                    token.client.reuses += 1
                    token.grant.revoked = True
                    return None
                return token

            def authenticate_user(self, token):
                return token.grant

            def revoke_old_credential(self, token):
                token.replaced = time.monotonic() if token.replaced is None else token.replaced

        return RefreshGrant

    def save(self, token, asked):
        grant = asked.user if isinstance(asked.user, Grant) else Grant()
        saved = Token(asked.client, grant, token)
        self.access[saved.access] = saved
        if saved.refresh:
            self.refresh[saved.refresh] = saved

    # The endpoints.

    def authorize(self):
        with self.lock:
            # The user of this server agrees to everything.
            grant = self.oauth.get_consent_grant(end_user=Grant())
            return self.oauth.create_authorization_response(grant_user=Grant(), grant=grant)

    def token(self, entity=None):
        name = request.authorization.username if request.authorization else None
        client = self.clients.get(name)
        kind = request.form.get("grant_type")
        switch = client.script.pop(0) if client and kind == "refresh_token" and client.script else "good"
        if isinstance(switch, int):
            client.note((kind, request.path, switch))
            headers = {"Retry-After": "1"} if switch in (429, 503) else {}
            return Response('{"error":"server_error"}', switch, headers, mimetype="application/json")
        if switch == "silence":
            client.note((kind, request.path, switch))
            client.released.wait()
            return cut()
        with self.lock:
            answer = self.oauth.create_token_response()
        if client is None:
            return answer
        client.note((kind, request.path, answer.status_code if switch == "good" else switch))
        if switch == "hold":
            client.released.wait()
        elif switch == "cut":
            return cut()
        elif switch == "malformed":
            answer.set_data(answer.get_data()[:20])
        if client.expires_in is not None and answer.status_code == 200:
            body = answer.get_json()
            body["expires_in"] = client.expires_in
            answer = jsonify(body)
        answer.headers["Date"] = formatdate(time.time() + client.skew, usegmt=True)
        return answer

    def resource(self):
        token = self.access.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if token is None or token.grant.revoked or token.ends < time.monotonic():
            return Response("no", 401)
        return Response("yes")

    # For the scenes.

    def revoke(self, client):
        with self.lock:
            for token in self.refresh.values():
                if token.client is client:
                    token.grant.revoked = True


def cut():
    """Ends the connection where the answer would begin."""
    request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response("")


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        pass

    def log_error(self, *_):
        pass
