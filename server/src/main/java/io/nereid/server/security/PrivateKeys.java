package io.nereid.server.security;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;

/** Private keys in the forms in which they lie in PEM files. */
final class PrivateKeys {
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

    /** rsaEncryption with its empty parameters, as an AlgorithmIdentifier. */
    private static final byte[] RSA = {
        0x30,
        0x0d,
        0x06,
        0x09,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };

    /** id-ecPublicKey as an object identifier; the curve follows it. */
    private static final byte[] EC = {
        0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01
    };

    private static final byte[] VERSION_0 = {Der.INTEGER, 1, 0};
    private static final byte[] PROBE = {'n', 'e', 'r', 'e', 'i', 'd'};

    private PrivateKeys() {}

    /**
     * The first private key of a PEM text: PKCS#8, or the older forms PKCS#1 and SEC1.
     *
     * @throws IllegalArgumentException if there is none, or none that can be read; the text says
     *     why
     */
    static PrivateKey read(String pem) {
        for (Pem.Block block : Pem.blocks(pem)) {
            switch (block.label()) {
                case "PRIVATE KEY" -> {
                    return pkcs8(block.content());
                }
                case "RSA PRIVATE KEY" -> {
                    requirePlain(block);
                    return pkcs8(wrap(RSA, block.content()));
                }
                case "EC PRIVATE KEY" -> {
                    requirePlain(block);
                    return pkcs8(wrapSec1(block.content()));
                }
                case "ENCRYPTED PRIVATE KEY" -> throw encrypted();
                default -> {
                    // parameters and certificates may stand before the key
                }
            }
        }
        throw new IllegalArgumentException(
                "no private key in it, expected a PEM block PRIVATE KEY, RSA PRIVATE KEY or EC"
                        + " PRIVATE KEY");
    }

    /** Whether what one of them signs is good for the other. */
    static boolean match(PrivateKey key, PublicKey publicKey) throws GeneralSecurityException {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    case "RSASSA-PSS" -> "";
                    default -> "EdDSA";
                };
        if (!key.getAlgorithm().equals(publicKey.getAlgorithm())) {
            return false;
        }
        if (algorithm.isEmpty()) {
            return true; // its parameters are the key's own; a handshake will tell
        }
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(PROBE);
        return signature.verify(signed);
    }

    /** The older forms say in headers, which are no base64, that they are encrypted. */
    private static void requirePlain(Pem.Block block) {
        if (block.base64().contains("ENCRYPTED")) {
            throw encrypted();
        }
    }

    private static IllegalArgumentException encrypted() {
        return new IllegalArgumentException(
                "the private key is encrypted, expected one without a passphrase (openssl pkey -in"
                        + " FILE -out PLAIN)");
    }

    private static PrivateKey pkcs8(byte[] encoded) {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(encoded);
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException _) {
                // a key of another algorithm, or a broken one
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the JDK lacks " + algorithm, e);
            }
        }
        throw new IllegalArgumentException(
                "the private key is broken or of an unknown algorithm, expected one of "
                        + ALGORITHMS);
    }

    private static byte[] wrap(byte[] algorithm, byte[] key) {
        return Der.element(Der.SEQUENCE, VERSION_0, algorithm, Der.element(Der.OCTET_STRING, key));
    }

    /** The curve moves from the key into the algorithm. */
    private static byte[] wrapSec1(byte[] sec1) {
        byte[] curve =
                Der.find(Der.SEQUENCE, sec1)
                        .flatMap(key -> Der.find(Der.CONTEXT_0, key))
                        .orElseThrow(() ->
                                new IllegalArgumentException("the private key names no curve"));
        return wrap(Der.element(Der.SEQUENCE, EC, curve), sec1);
    }
}
