import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/**
 * A gateway's test in Java, with nothing but java.net.http:
 *
 * <pre>SMSC_URL=http://127.0.0.1:8775 GATEWAY_URL=http://127.0.0.1:8080/send java ThrottledTest.java</pre>
 *
 * In a suite of yours the body of main is a method with @Test, and send is how your gateway takes a message.
 */
public final class ThrottledTest {
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String SMSC = System.getenv("SMSC_URL");
    private static final String GATEWAY = System.getenv("GATEWAY_URL");

    public static void main(String[] arguments) throws Exception {
        ask("DELETE", SMSC + "/api/rules", "");
        ask("POST", SMSC + "/api/reset", "");
        ask("POST", SMSC + "/api/rules", """
            {"when": {"to": "12025550100"}, "then": {"reject": "ESME_RTHROTTLED"}, "times": 2}""");

        ask("POST", GATEWAY, """
            {"to": "+12025550100", "text": "hi"}""");

        // Answered as soon as it is so, and with 404 and the nearest misses after five seconds.
        ask("GET", SMSC + "/api/messages/wait?to=12025550100&state=DELIVRD&timeout=5s", "");
        ask("GET", SMSC + "/api/messages/wait?to=12025550100&status=ESME_RTHROTTLED&count=2", "");
        System.out.println("a throttled message is tried again");
    }

    private static String ask(String method, String address, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address))
            .header("Content-Type", "application/json")
            .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
        HttpResponse<String> answer = HTTP.send(request, BodyHandlers.ofString());
        if (answer.statusCode() >= 400) {
            throw new AssertionError(method + " " + address + ": " + answer.body());
        }
        return answer.body();
    }
}
