package io.nereid.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateKeysTest {
    private static final byte[] P256 = HexFormat.of().parseHex("06082a8648ce3d030107");

    private static KeyPair pair(String algorithm) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.startsWith("RSA")) {
            generator.initialize(1024); // quick to make
        }
        return generator.generateKeyPair();
    }

    private static KeyPair p256() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519", "RSASSA-PSS"})
    void readsPkcs8(String algorithm) throws Exception {
        KeyPair pair = pair(algorithm);
        String pem = TestCertificates.pem("PRIVATE KEY", pair.getPrivate().getEncoded());
        assertThat(PrivateKeys.read("a comment\n" + pem)).isEqualTo(pair.getPrivate());
        assertThat(PrivateKeys.match(PrivateKeys.read(pem), pair.getPublic())).isTrue();
    }

    @Test
    void readsPkcs1() throws Exception {
        KeyPair pair = pair("RSA");
        byte[] pkcs8 = Der.find(Der.SEQUENCE, pair.getPrivate().getEncoded()).orElseThrow();
        byte[] pkcs1 = Der.find(Der.OCTET_STRING, pkcs8).orElseThrow();
        String pem = TestCertificates.pem("RSA PRIVATE KEY", pkcs1);
        assertThat(PrivateKeys.read(pem)).isEqualTo(pair.getPrivate());
    }

    @Test
    void readsSec1BehindItsParameters() throws Exception {
        KeyPair pair = p256();
        byte[] secret = ((ECPrivateKey) pair.getPrivate()).getS().toByteArray();
        byte[] padded = new byte[32];
        int length = Math.min(32, secret.length);
        System.arraycopy(secret, secret.length - length, padded, 32 - length, length);
        byte[] sec1 =
                Der.element(
                        Der.SEQUENCE,
                        new byte[] {Der.INTEGER, 1, 1},
                        Der.element(Der.OCTET_STRING, padded),
                        Der.element(Der.CONTEXT_0, P256));
        String pem =
                TestCertificates.pem("EC PARAMETERS", P256)
                        + TestCertificates.pem("EC PRIVATE KEY", sec1);
        assertThat(PrivateKeys.match(PrivateKeys.read(pem), pair.getPublic())).isTrue();
    }

    @Test
    void tellsKeysApart() throws Exception {
        KeyPair rsa = pair("RSA");
        assertThat(PrivateKeys.match(rsa.getPrivate(), pair("RSA").getPublic())).isFalse();
        assertThat(PrivateKeys.match(rsa.getPrivate(), p256().getPublic())).isFalse();
        assertThat(PrivateKeys.match(p256().getPrivate(), p256().getPublic())).isFalse();
        assertThat(PrivateKeys.match(pair("Ed25519").getPrivate(), pair("Ed25519").getPublic()))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAAw\n-----END ENCRYPTED PRIVATE KEY-----",
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                        + "DEK-Info: AES-256-CBC,00\n\nMAAw\n-----END RSA PRIVATE KEY-----",
            })
    void saysThatAKeyIsEncrypted(String pem) {
        assertThatThrownBy(() -> PrivateKeys.read(pem))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the private key is encrypted, expected one without");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no key",
                "-----BEGIN CERTIFICATE-----\nMAAw\n-----END CERTIFICATE-----",
                "-----BEGIN PRIVATE KEY-----\nMAAw",
                "-----BEGIN PRIVATE KEY-----\nMAAw\n-----END PRIVATE KEY-----",
                "-----BEGIN RSA PRIVATE KEY-----\nMAAw\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN EC PRIVATE KEY-----\nMAAw\n-----END EC PRIVATE KEY-----",
                "-----BEGIN EC PRIVATE KEY-----\nMIT/////\n-----END EC PRIVATE KEY-----",
                "-----BEGIN EC PRIVATE KEY-----\nMA==\n-----END EC PRIVATE KEY-----",
            })
    void refusesWhatIsNoKey(String pem) {
        assertThatThrownBy(() -> PrivateKeys.read(pem))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContainingAny("null");
    }

    @Test
    void refusesAKeyThatIsCutOffAnywhere() throws Exception {
        byte[] whole = pair("RSA").getPrivate().getEncoded();
        for (int length = 0; length < whole.length; length += 7) {
            String pem = TestCertificates.pem("PRIVATE KEY", Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> PrivateKeys.read(pem))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
