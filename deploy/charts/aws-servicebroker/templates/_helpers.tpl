{{- define "broker.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "broker.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "broker.labels" -}}
{{ include "broker.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "broker.host" -}}
{{ include "broker.fullname" . }}.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}
{{- end }}

{{/* The name of the Secret with the AWS keys; "" where a role gives the broker its identity. */}}
{{- define "broker.credentialsSecret" -}}
{{- with .Values.aws -}}
{{- if ne (empty .accesskeyid) (empty .secretkey) }}
{{- fail "aws.accesskeyid and aws.secretkey must be given together; with neither, give aws.existingSecret or an IAM role (aws.roleArn, EKS Pod Identity)" }}
{{- end }}
{{- if and .existingSecret .accesskeyid }}
{{- fail "give aws.existingSecret, or aws.accesskeyid and aws.secretkey, not both" }}
{{- end }}
{{- if .existingSecret -}}
{{ .existingSecret }}
{{- else if .accesskeyid -}}
{{ include "broker.fullname" $ }}-credentials
{{- end }}
{{- end }}
{{- end }}

{{/* The name of the Secret with the sealing key; "" where KMS or the volume has it. */}}
{{- define "broker.encryptionSecret" -}}
{{- if and .Values.encryption.kmsKey .Values.encryption.existingSecret }}
{{- fail "give encryption.kmsKey or encryption.existingSecret, not both" }}
{{- end }}
{{- if .Values.encryption.existingSecret -}}
{{ .Values.encryption.existingSecret }}
{{- else if not (or .Values.encryption.kmsKey .Values.persistence.enabled) -}}
{{ include "broker.fullname" . }}-encryption-key
{{- end }}
{{- end }}

{{- define "broker.replicas" -}}
{{- if and .Values.persistence.enabled (gt (int .Values.replicas) 1) }}
{{- fail "persistence.enabled keeps records on a volume that one broker has to itself: leave replicas out, or records in DynamoDB" }}
{{- end }}
{{- .Values.replicas | default (ternary 1 2 .Values.persistence.enabled) }}
{{- end }}

{{- define "broker.overrides" -}}
{{- $prefix := printf "PARAM_OVERRIDE_%s_all_all_all_" .Values.brokerconfig.brokerid }}
{{- with .Values.aws }}
{{- range $parameter, $value := dict "region" .region "target_account_id" .targetaccountid "target_role_name" .targetrolename "VpcId" .vpcid }}
{{- if $value }}
- name: {{ $prefix }}{{ $parameter }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Of the broker's pods and of the one that tests what they need. */}}
{{- define "broker.pod" -}}
serviceAccountName: {{ include "broker.fullname" . }}-service
enableServiceLinks: false  # their variables could have the names of the program's own
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{ toJson . }}
{{- end }}
volumes:
  - name: tls
    secret:
      secretName: {{ include "broker.fullname" . }}-cert
      defaultMode: 0440
  - name: data
    {{- if .Values.persistence.enabled }}
    persistentVolumeClaim:
      claimName: {{ .Values.persistence.existingClaim | default (printf "%s-data" (include "broker.fullname" .)) }}
    {{- else }}
    emptyDir: {sizeLimit: 16Mi}
    {{- end }}
  {{- with include "broker.encryptionSecret" . }}
  - name: encryption-key
    secret:
      secretName: {{ . }}
      defaultMode: 0440
  {{- end }}
  {{- if .Values.brokerconfig.roleBindings }}
  - name: role-bindings
    configMap:
      name: {{ include "broker.fullname" . }}-role-bindings
  {{- end }}
{{- end }}

{{- define "broker.container" -}}
image: {{ .Values.image | default (printf "chandlery/aws-servicebroker:%s" .Chart.AppVersion) | quote }}
imagePullPolicy: {{ .Values.imagePullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
resources: {{ toJson .Values.resources }}
env:
  {{- with include "broker.credentialsSecret" . }}
  - name: AWS_ACCESS_KEY_ID
    valueFrom:
      secretKeyRef: {name: {{ . }}, key: {{ $.Values.aws.accesskeyidName }}}
  - name: AWS_SECRET_ACCESS_KEY
    valueFrom:
      secretKeyRef: {name: {{ . }}, key: {{ $.Values.aws.secretkeyName }}}
  {{- end }}
  {{- with .Values.aws.endpointUrl }}
  - name: AWS_ENDPOINT_URL
    value: {{ . | quote }}
  {{- end }}
  {{- with include "broker.overrides" . }}
  {{- trim . | nindent 2 }}
  {{- end }}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumeMounts:
  - {name: tls, mountPath: /var/run/awssb, readOnly: true}
  - {name: data, mountPath: /data}
  {{- if include "broker.encryptionSecret" . }}
  - {name: encryption-key, mountPath: /var/run/awssb-key, readOnly: true}
  {{- end }}
  {{- if .Values.brokerconfig.roleBindings }}
  - {name: role-bindings, mountPath: /etc/awssb, readOnly: true}
  {{- end }}
{{- end }}

{{- define "broker.flags" -}}
- --region={{ required "aws.region must be given" .Values.aws.region }}
- --port=3199
- --tls-cert-file=/var/run/awssb/tls.crt
- --tls-private-key-file=/var/run/awssb/tls.key
- --data-dir=/data
{{- if not .Values.persistence.enabled }}
- --tableName={{ required "aws.tablename must be given, or persistence.enabled" .Values.aws.tablename }}
{{- end }}
{{- if .Values.encryption.kmsKey }}
- --encryption-key=kms:{{ .Values.encryption.kmsKey }}
{{- else if include "broker.encryptionSecret" . }}
- --encryption-key=file:/var/run/awssb-key/encryption.key
{{- end }}
{{- if .Values.aws.bucket }}
- --s3Bucket={{ .Values.aws.bucket }}
- --s3Key={{ .Values.aws.key }}
- --s3Region={{ .Values.aws.s3region }}
{{- end }}
{{- if .Values.authenticate }}
- --token-review
- --token-users=system:serviceaccount:{{ .Release.Namespace }}:{{ include "broker.fullname" . }}-client
{{- end }}
{{- with .Values.brokerconfig }}
- --brokerId={{ .brokerid }}
- --binding-credentials={{ .bindingCredentials }}
{{- if .prescribeoverrides }}
- --prescribeOverrides
{{- end }}
{{- with .bindingLifetime }}
- --binding-lifetime={{ . }}
{{- end }}
{{- with .classes }}
- --classes={{ . }}
{{- end }}
{{- if .roleBindings }}
- --role-bindings=/etc/awssb/role-bindings.yaml
{{- end }}
- --log-format={{ .logFormat }}
- --v={{ .verbosity }}
{{- end }}
{{- end }}
