{{- define "catalog.fullname" -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "catalog.image" -}}
{{ .Values.image | default (printf "chandlery/service-catalog:%s" .Chart.AppVersion) }}
{{- end }}

{{/* Of the release; (dict "root" . "component" "webhook") for those of a part. */}}
{{- define "catalog.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}
{{- define "catalog.labels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "catalog.webhookHost" -}}
{{ include "catalog.fullname" . }}-webhook.{{ .Release.Namespace }}.svc
{{- end }}

{{- define "catalog.certSecret" -}}
{{- if eq .Values.webhook.tls.source "secret" -}}
{{ required "webhook.tls.source=secret needs webhook.tls.existingSecret" .Values.webhook.tls.existingSecret }}
{{- else -}}
service-catalog-webhook-tls
{{- end }}
{{- end }}

{{/* The pod's part that is the same for both programs: (dict "root" . "component" "webhook" "values" .Values.webhook "account" "service-catalog-webhook"). */}}
{{- define "catalog.pod" -}}
serviceAccountName: {{ .account }}
enableServiceLinks: false  # their variables could have the names of the program's own
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "catalog.selector" $ | nindent 8 }}
  {{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- with .values.affinity }}
affinity: {{ toJson . }}
{{- end }}
{{- end }}

{{- define "catalog.container" -}}
image: {{ include "catalog.image" .root | quote }}
imagePullPolicy: {{ .root.Values.imagePullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
resources: {{ toJson .values.resources }}
{{- end }}

{{- /* Metadata of what the pod of `helm test` needs before it starts. */}}
{{- define "catalog.test.before" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels: {{- include "catalog.labels" (dict "root" .root "component" "test") | nindent 2 }}
annotations:
  helm.sh/hook: test
  helm.sh/hook-weight: "-1"
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed
{{- end }}
