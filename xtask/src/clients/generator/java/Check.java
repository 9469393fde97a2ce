import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import java.util.concurrent.Callable;

import com.fasterxml.jackson.databind.ObjectMapper;

/** What every journey needs beside the generated client: its surroundings, a token, one more try, and a reason to stop. */
final class Check {
    private Check() {}

    static String env(String name) {
        return that(System.getenv(name), name + " is set");
    }

    static <T> T that(T value, String what) {
        that(value != null, what);
        return value;
    }

    static void that(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("not so: " + what);
        }
    }

    static String key() {
        return "java-" + UUID.randomUUID();
    }

    /** Tries a keyed call once more when its answer was lost; the key makes that safe. */
    static <T> T twice(Callable<T> call) throws Exception {
        try {
            call.call();
        } catch (Exception lost) {
            that(lost.getCause() instanceof java.io.IOException, "the answer was lost, and not: " + lost);
            return call.call();
        }
        throw new IllegalStateException("the first answer was not lost");
    }

    /** The code of a problem. */
    static String code(String body) throws Exception {
        return new ObjectMapper().readTree(body).get("code").asText();
    }

    /** An access token for the client of the surroundings (RFC 6749 section 4.4). */
    static String token() throws Exception {
        String client = env("FAREWAY_CLIENT_ID") + ":" + env("FAREWAY_CLIENT_SECRET");
        HttpRequest request = HttpRequest.newBuilder(URI.create(env("FAREWAY_URL") + "/oauth/token"))
            .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(client.getBytes(StandardCharsets.UTF_8)))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
            .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        that(answer.statusCode() == 200, "a token is given: " + answer.body());
        return new ObjectMapper().readTree(answer.body()).get("access_token").asText();
    }
}
